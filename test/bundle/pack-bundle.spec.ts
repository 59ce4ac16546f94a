import { describe, expect, it } from 'vitest'
import { packBundle } from '../../src/bundle/pack-bundle.ts'
import { exportCar } from '../../src/bundle/export-car.ts'
import { DirectoryImport } from '../../src/bundle/import.ts'
import { openSources } from '../../src/bundle/source.ts'
import { EntryPaths } from '../../src/bundle/entry-paths.ts'
import { readerOf } from '../../src/bundle/dag-reader.ts'
import { FakeStore } from './fake-store.ts'
import { generateBytes } from './unixfs-cases.ts'
import type { PackSource } from '../../src/interface/pack.ts'
import type { FileSource } from '../../src/interface/source.ts'

const mib = 1024 * 1024

/** The CAR that a node would export of the same files. */
async function ofNode (files: readonly FileSource[]): Promise<{ cid: string, car: Buffer }> {
  const staging = new FakeStore().stage()
  const directory = new DirectoryImport(staging)
  await directory.add(await openSources(files, { blocks: staging, paths: new EntryPaths(100_000) }))
  const cid = await directory.root()
  return { cid: cid.toString(), car: Buffer.concat(await Array.fromAsync(exportCar(readerOf(staging), cid))) }
}

async function packed (files: readonly PackSource[]): Promise<{ cid: string, car: Buffer, bytes: number }> {
  const { cid, bytes, car } = await packBundle(files)
  return { cid: cid.toString(), bytes, car: Buffer.concat(await Array.fromAsync(car)) }
}

async function * inPieces (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 70_000) yield bytes.subarray(at, at + 70_000)
}

const files = [
  { name: 'a/b/text.txt', text: 'h\u00e9llo' }, { name: 'empty', bytes: new Uint8Array() }, { name: 'a/two.bin', bytes: generateBytes(1, 2 * mib + 5) },
  { name: 'same.bin', bytes: generateBytes(1, 2 * mib + 5) }, { name: '\u00e9', text: 'x' }, { name: 'Z', text: 'x' }
]

describe('packBundle', () => {
  it('gives the CIDs and the bytes that a node gives', async () => {
    const expected = await ofNode(files)
    const found = await packed(files)
    expect(found.cid).toBe(expected.cid)
    expect(found.car.equals(expected.car)).toBe(true)
    expect(found.bytes).toBe(expected.car.length)
  })

  it('gives the same of blobs and streams', async () => {
    const others = files.map(({ name, ...file }): PackSource => {
      const bytes = 'text' in file ? new TextEncoder().encode(file.text) : file.bytes
      return name.length > 5 ? { name, stream: inPieces(bytes) } : { name, blob: new Blob([Uint8Array.from(bytes)]) }
    })
    expect((await packed(others)).car.equals((await packed(files)).car)).toBe(true)
  })

  it('shards directories that are too large for a block', async () => {
    const many = Array.from({ length: 6_000 }, (_, n) => ({ name: `d/${String(n).padStart(30, '0')}`, text: 'x' }))
    expect((await packed(many)).cid).toBe((await ofNode(many)).cid)
  })

  it('can be read again, and says what is not what it was', async () => {
    const bytes = generateBytes(1, 2 * mib)
    const { car } = await packBundle([{ name: 'x', bytes }])
    const [first, again] = [await Array.fromAsync(car), await Array.fromAsync(car)]
    expect(Buffer.concat(first).equals(Buffer.concat(again))).toBe(true)
    bytes[mib + 1]! ^= 1
    await expect(Array.fromAsync(car)).rejects.toMatchObject({ name: 'SourceChangedError', message: 'x is not what it was when it was packed: pack it again' })
  })

  it.each<[string, unknown, string]>([
    ['no list', 5, 'InvalidArgumentError'], ['no file', [5], 'InvalidArgumentError'], ['a path', [{ name: 'x', path: '/x' }], 'InvalidArgumentError'],
    ['a link', [{ name: 'x', cid: 'x' }], 'InvalidArgumentError'], ['a blob that is none', [{ name: 'x', blob: {} }], 'InvalidArgumentError'],
    ['two contents', [{ name: 'x', text: '', blob: new Blob([]) }], 'InvalidArgumentError'], ['a name that leaves', [{ name: '../x', text: '' }], 'InvalidNameError'],
    ['one name twice', [{ name: 'x', text: '' }, { name: 'x', text: '' }], 'InvalidNameError']
  ])('refuses %s', async (_, value, name) => {
    await expect(packBundle(value as never)).rejects.toMatchObject({ name })
  })

  it('ends with the reason of its signal', async () => {
    const reason = new Error('enough')
    await expect(packBundle(files, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
