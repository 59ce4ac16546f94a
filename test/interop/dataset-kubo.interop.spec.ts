import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { numberedParquet } from '../dataset/parquet-files.ts'
import { generateBytes } from '../bundle/unixfs-cases.ts'
import { offlineKubo } from './kubo-binary.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { FileSource } from '../../src/interface/source.ts'
import type { OfflineKubo } from './kubo-binary.ts'

const timeoutMs = 30 * 60_000
const big = generateBytes(2, 3 * 1024 * 1024 + 1)
/** Of every shape: tables, of several blocks, in a HAMT, under names in any script. */
const files: FileSource[] = [
  { name: 'train/rows.jsonl', text: '{"question":"1+1","answer":2}\n' },
  { name: 'numbers.parquet', bytes: numberedParquet() },
  { name: 'big.bin', bytes: big },
  { name: 'zoë 文件.csv', text: 'a,b\n1,2\n' },
  ...Array.from({ length: 5200 }, (_, i): FileSource => ({ name: `many/file-${i}`, text: String(i) }))
]

let kubo: OfflineKubo
let directory: string
let node: DataNode
let first: DatasetBundle
let second: DatasetBundle

async function write (name: string, pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const path = join(directory, name)
  await writeFile(path, pieces)
  return path
}

beforeAll(async () => {
  [kubo, directory, node] = await Promise.all([
    offlineKubo(), mkdtemp(join(tmpdir(), 'datanode-interop-')), createDataNode({ home: ':memory:', privateKey: 'generate' })
  ])
  first = await node.datasets.publish({ name: 'qa', version: '1.0.0', license: 'CC0-1.0', files })
  second = await node.datasets.publish({
    name: 'qa', version: '1.1.0', previous: first.cid, license: 'CC0-1.0', files: [...files, { name: 'many/file-new', text: 'new' }]
  })
  await kubo.kubo('dag', 'import', '--pin-roots=true', await write('first.car', node.datasets.exportCar(first.cid)))
}, timeoutMs)

afterAll(async () => {
  await node.stop()
  await kubo[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

test.for(['', '/data', '/data/many'])('Kubo lists the same names, sizes and CIDs in %j of a version', async path => {
  const printed = (await kubo.kubo('ls', '--size', '--resolve-type', `/ipfs/${first.cid.toString()}${path}`)).toString().trim()
  const listed = printed.split('\n').map(line => line.replace(/^(\S+ \S+) +/, '$1 '))
  const own = (await Array.fromAsync(first.files(path.slice(1)))).filter(entry => !entry.path.slice(path.length).includes('/'))
  expect(listed.sort()).toEqual(own.map(({ cid, type, size, path: entry }) => {
    const name = entry.slice(entry.lastIndexOf('/') + 1)
    return type === 'directory' ? `${cid.toString()} - ${name}/` : `${cid.toString()} ${size} ${name}`
  }).sort())
})

test.for(['croissant.json', 'README.md', 'data/numbers.parquet', 'data/big.bin', 'data/zoë 文件.csv', 'data/many/file-4711'])(
  'Kubo reads the same bytes from %s of a version', async path => {
    const read = await kubo.kubo('cat', `/ipfs/${first.cid.toString()}/${path}`)
    expect(read.equals(await first.bytes(path))).toBe(true)
  })

test('each file that croissant.json names is under its own CID in Kubo, too', async () => {
  const few = await node.datasets.publish({ name: 'few', version: '1.0.0', files: files.slice(0, 4) })
  await kubo.kubo('dag', 'import', await write('few.car', few.exportCar()))
  const { distribution } = JSON.parse(new TextDecoder().decode(await few.bytes('croissant.json'))) as { distribution: { name: string, sameAs: string }[] }
  expect(distribution).toHaveLength(4)
  for (const { name, sameAs } of distribution) {
    expect((await kubo.kubo('cat', sameAs.replace('ipfs://', '/ipfs/'))).equals(await few.bytes(name))).toBe(true)
  }
})

test('Kubo takes the difference to a version that it has, and then has all of the next one', async () => {
  const car = await write('difference.car', node.datasets.exportCar(second.cid, { since: first.cid }))
  await kubo.kubo('dag', 'import', '--pin-roots=true', car)
  const pins = (await kubo.kubo('pin', 'ls', '--type=recursive', '--quiet')).toString().split('\n')
  expect(pins).toContain(second.cid.toString())
  expect((await kubo.kubo('cat', `/ipfs/${second.cid.toString()}/data/many/file-new`)).toString()).toBe('new')
})

test('what Kubo adds of a version that was written to a directory has the same root', async () => {
  const target = join(directory, 'out')
  await node.datasets.checkout(second.cid, target)
  expect((await kubo.kubo('add', '--recursive', '--hidden', '--quieter', target)).toString().trim()).toBe(second.cid.toString())
})

test('what Kubo exports of a version is imported by a node that has nothing of it', async () => {
  await using other = await createDataNode({ home: ':memory:', privateKey: 'generate' })
  await using imported = await other.importCar([await kubo.kubo('dag', 'export', '--progress=false', second.cid.toString())])
  expect(imported.manifest).toMatchObject({ kind: 'dataset', name: 'qa', datasetVersion: '1.1.0', previous: first.cid.toString() })
  expect(Buffer.from(await imported.bytes('data/big.bin')).equals(big)).toBe(true)
})
