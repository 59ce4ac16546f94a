import { expect, it } from 'vitest'
import { importedContent } from '../../src/bundle/imported-content.ts'
import { writeFile } from '../../src/bundle/unixfs-writer.ts'
import { FakeStore } from './fake-store.ts'

const bytes = new Uint8Array(2_500_000).map((_, i) => i % 251)

it('reads a file, or a part of it, where its blocks were staged', async () => {
  const staging = new FakeStore().stage()
  const { cid } = await writeFile(staging, (async function * () { yield await Promise.resolve(bytes) })())
  const content = importedContent(staging, {})
  const file = { path: 'a', cid, bytes: BigInt(bytes.length), sha256: '0x' } as const
  expect(Buffer.concat(await Array.fromAsync(content.read(file))).equals(bytes)).toBe(true)
  const part = Buffer.concat(await Array.fromAsync(content.read(file, { offset: 1_048_570, length: 10 })))
  expect(part).toEqual(Buffer.from(bytes.subarray(1_048_570, 1_048_580)))
})

it('ends with the signal of the call that imports', async () => {
  const staging = new FakeStore().stage()
  const { cid } = await writeFile(staging, (async function * () { yield await Promise.resolve(bytes) })())
  const content = importedContent(staging, { signal: AbortSignal.abort(new Error('enough')) })
  await expect(Array.fromAsync(content.read({ path: 'a', cid, bytes: BigInt(bytes.length), sha256: '0x' }))).rejects.toThrow('enough')
})
