import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CarReader } from '@ipld/car'
import { CID } from 'multiformats/cid'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openHandle } from '../../src/bundle/handle.ts'
import { importCar } from '../../src/bundle/import-car.ts'
import { publishBundle } from '../../src/bundle/publish.ts'
import { all } from '../bundle/dags.ts'
import { noteInit, testNode } from '../bundle/fixtures.ts'
import { generateBytes } from '../bundle/unixfs-cases.ts'
import { offlineKubo } from './kubo-binary.ts'
import type { Bundle } from '../../src/interface/bundle.ts'
import type { FileSource } from '../../src/interface/source.ts'
import type { OfflineKubo } from './kubo-binary.ts'

const timeoutMs = 30 * 60_000
const big = generateBytes(1, 5 * 1024 * 1024 + 1)
let kubo: OfflineKubo
let directory: string
let bundle: Bundle

/** Files of every shape: hidden, empty, of several blocks, in a HAMT. */
const files: FileSource[] = [
  { name: '.hidden', text: 'h' },
  { name: 'inputs/empty', text: '' },
  { name: 'inputs/big.bin', bytes: big },
  { name: 'inputs/zoë 文件 🙂.txt', text: 'text' },
  ...Array.from({ length: 5200 }, (_, i): FileSource => ({ name: `many/file-${i}`, text: String(i) }))
]

beforeAll(async () => {
  kubo = await offlineKubo()
  directory = await mkdtemp(join(tmpdir(), 'datanode-interop-'))
  const node = testNode(1)
  using kept = await publishBundle(node, noteInit(files))
  bundle = await openHandle(node, kept.stored)
  const car = join(directory, 'bundle.car')
  await pipeline(Readable.from(bundle.exportCar()), createWriteStream(car))
  await kubo.kubo('dag', 'import', '--pin-roots=true', car)
}, timeoutMs)

afterAll(async () => {
  await kubo[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

test('Kubo imports the CAR completely, with its one root', async () => {
  const pins = (await kubo.kubo('pin', 'ls', '--type=recursive', '--quiet')).toString().trim().split('\n')
  expect(pins).toContain(bundle.cid.toString())
  const stat = await kubo.kubo('dag', 'stat', '--progress=false', '--enc=json', bundle.cid.toString())
  const { DagStats: [dag] } = JSON.parse(stat.toString()) as { DagStats: { Size: number, NumBlocks: number }[] }
  const car = await CarReader.fromBytes(Buffer.concat(await all(bundle.exportCar())))
  expect(dag?.NumBlocks).toBe((await all(car.blocks())).length)
  expect(dag?.Size).toBeGreaterThan(big.length)
})

test.for(['', '/inputs', '/many'])('Kubo lists the same names, sizes and CIDs in %j', { timeout: 60_000 }, async path => {
  const printed = (await kubo.kubo('ls', '--size', '--resolve-type', `/ipfs/${bundle.cid.toString()}${path}`)).toString().trim()
  const listed = printed.split('\n').map(line => line.replace(/^(\S+ \S+) +/, '$1 '))
  const own = (await all(bundle.files(path.slice(1)))).filter(entry => !entry.path.slice(path.length).includes('/'))
  const lines = own.map(({ cid, type, size, path: entry }) => {
    const name = entry.slice(entry.lastIndexOf('/') + 1)
    return type === 'directory' ? `${cid.toString()} - ${name}/` : `${cid.toString()} ${size} ${name}`
  })
  expect(listed.sort()).toEqual(lines.sort())
})

test.for(['.hidden', 'inputs/empty', 'inputs/big.bin', 'inputs/zoë 文件 🙂.txt', 'many/file-4711', 'manifest.json'])(
  'Kubo reads the same bytes from %s', async path => {
    const read = await kubo.kubo('cat', `/ipfs/${bundle.cid.toString()}/${path}`)
    expect(read.equals(await bundle.bytes(path))).toBe(true)
  })

test('what Kubo exports is the CAR that this library exports', async () => {
  const exported = await kubo.kubo('dag', 'export', '--progress=false', bundle.cid.toString())
  expect(exported.equals(Buffer.concat(await all(bundle.exportCar())))).toBe(true)
})

test('what Kubo exports is imported, and is the same bundle', { timeout: 60_000 }, async () => {
  const exported = await kubo.kubo('dag', 'export', '--progress=false', bundle.cid.toString())
  const node = testNode(2)
  using kept = await importCar(node, [exported], { root: bundle.cid, bytesTotal: exported.length })
  expect(kept.stored.kind).toBe('note')
  const imported = await openHandle(node, kept.stored)
  expect(imported.manifest).toEqual(bundle.manifest)
  expect(Buffer.from(await imported.bytes('inputs/big.bin')).equals(big)).toBe(true)
})

test.for([['--cid-version=0'], ['--cid-version=1', '--raw-leaves=false'], ['--cid-version=1', '--chunker=size-65536', '--trickle']])(
  'a directory that Kubo added with %j is imported with its files and root', async flags => {
    const source = join(directory, `source${flags.join('')}`)
    await mkdir(join(source, 'inner'), { recursive: true })
    await writeFile(join(source, 'big.bin'), big)
    await writeFile(join(source, 'inner', 'zoë.txt'), 'text')
    const added = (await kubo.kubo('add', '--recursive', '--quieter', ...flags, source)).toString().trim()
    const node = testNode(2)
    using kept = await importCar(node, [await kubo.kubo('dag', 'export', '--progress=false', added)], { root: added })
    const imported = await openHandle(node, kept.stored)
    expect(imported.cid.equals(CID.parse(added).toV1())).toBe(true)
    expect(imported.manifest).toBeUndefined()
    expect((await all(imported.files())).map(({ path }) => path)).toEqual(['big.bin', 'inner', 'inner/zoë.txt'])
    expect(Buffer.from(await imported.bytes('big.bin')).equals(big)).toBe(true)
    expect(Buffer.from(await imported.bytes('inner/zoë.txt')).toString()).toBe('text')
  })
