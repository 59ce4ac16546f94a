import { describe, expect, it } from 'vitest'
import { CorruptTransferError, FileNotFoundError, TimedOutError } from '../../src/errors.ts'
import { verifyKept } from '../../src/audit/kept-checkpoints.ts'
import { RemoteTrail } from '../../src/audit/remote-trail.ts'
import { parseTilePath } from '../../src/format/tlog-tile.ts'
import { headOfEntries, otherHead, seenOf } from './seen.ts'
import { numbered, openOn } from './trails.ts'
import type { KeptCheckpoint } from '../../src/audit/kept-checkpoints.ts'
import type { TreeHead } from '../../src/interface/merkle.ts'

const entries = numbered(700)
const keptOf = async (head: TreeHead): Promise<KeptCheckpoint> => verifyKept(await seenOf(head))

/** The trail of these entries as another node has it, under a checkpoint; `change` is what it does to a file. */
async function remote (
  target: KeptCheckpoint, own = entries, change: (path: string, bytes: Uint8Array) => Uint8Array = (_, bytes) => bytes
): Promise<RemoteTrail> {
  const trail = await openOn()
  await trail.append(own)
  return new RemoteTrail({
    bytes: async path => new Uint8Array(change(path, await trail.readTile(parseTilePath(path)))),
    close: async () => {}
  }, target, 'peer')
}

describe('RemoteTrail', () => {
  it('continues what was seen of it', async () => {
    const target = await keptOf(headOfEntries(entries))
    const trail = await remote(target)
    for (const size of [0, 1, 256, 600, 700]) expect(await trail.compare(await keptOf(headOfEntries(entries.slice(0, size))), {})).toBeUndefined()
    expect(await trail.compare(undefined, {})).toBeUndefined()
  })

  it('is proven to be another log than the one that was seen', async () => {
    const trail = await remote(await keptOf(headOfEntries(entries)))
    for (const size of [1, 256, 600]) {
      expect(await trail.compare(await keptOf(otherHead(size)), {})).toMatchObject({ root: headOfEntries(entries.slice(0, size)).root })
    }
  })

  it('is refused when it is not the tree of its checkpoint, or its hashes do not belong together', async () => {
    const seen = await keptOf(headOfEntries(entries.slice(0, 300)))
    const other = await remote(await keptOf(otherHead(700)))
    await expect(other.compare(seen, {})).rejects.toThrow(CorruptTransferError)
    const target = await keptOf(headOfEntries(entries))
    const mixed = await remote(target, entries, (path, bytes) => path === 'tile/0/001' ? bytes.map(byte => byte ^ 1) : bytes)
    await expect(mixed.compare(seen, {})).rejects.toThrow(CorruptTransferError)
    const short = await remote(target, entries, (_, bytes) => bytes.subarray(1))
    await expect(short.compare(seen, {})).rejects.toThrow(CorruptTransferError)
    await expect(short.entries(0, 300, {})).rejects.toThrow(CorruptTransferError)
    const missing = await remote(target, entries, path => { throw new FileNotFoundError(path) })
    await expect(missing.compare(seen, {})).rejects.toThrow(CorruptTransferError)
  })

  it('gives entries of any part', async () => {
    const trail = await remote(await keptOf(headOfEntries(entries)))
    for (const [from, to] of [[0, 700], [0, 1], [255, 257], [300, 512], [699, 700]] as const) {
      expect(await trail.entries(from, to, {})).toEqual(entries.slice(from, to))
    }
  })

  it('gives what it says of datasets, and nothing where it says nothing', async () => {
    const target = await keptOf(headOfEntries(entries))
    const said = Buffer.from('{}')
    const bundle = { bytes: async (path: string) => await Promise.resolve(path === 'datasets.json' ? said : new Uint8Array()), close: async () => {} }
    expect(await new RemoteTrail(bundle, target, 'peer').datasets({})).toEqual(said)
    const silent = { ...bundle, bytes: async (path: string) => await Promise.reject(new FileNotFoundError(path)) }
    expect(await new RemoteTrail(silent, target, 'peer').datasets({})).toBeUndefined()
    const late = new TimedOutError('late')
    await expect(new RemoteTrail({ ...bundle, bytes: async () => await Promise.reject(late) }, target, 'peer').datasets({})).rejects.toBe(late)
  })

  it('leaves what can be tried again as it is, and the reason of a signal', async () => {
    const target = await keptOf(headOfEntries(entries))
    const late = new TimedOutError('late')
    await expect((await remote(target, entries, () => { throw late })).entries(0, 1, {})).rejects.toBe(late)
    const reason = new FileNotFoundError('enough')
    const aborted = await remote(target, entries, () => { throw reason })
    await expect(aborted.entries(0, 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
