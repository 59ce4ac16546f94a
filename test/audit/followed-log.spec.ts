import { describe, expect, it } from 'vitest'
import { CorruptTransferError, ForkedTrailError, LimitExceededError, PeerUnreachableError, UnavailableError } from '../../src/errors.ts'
import { FollowedLog } from '../../src/audit/followed-log.ts'
import { Forks } from '../../src/audit/forks.ts'
import { filesIn } from '../../src/audit/files-in.ts'
import { verifyKept } from '../../src/audit/kept-checkpoints.ts'
import { openMirror } from '../../src/audit/mirror.ts'
import { publishBundle } from '../../src/bundle/publish.ts'
import { cidOf } from '../../src/format/digest.ts'
import { encodeSeenCheckpoint } from '../../src/format/seen-checkpoint.ts'
import { encodeWitnessAnswer, witnessBound, witnessProtocol } from '../../src/format/witness-messages.ts'
import { followedEntriesMax, followedLogsPerNodeMax } from '../../src/limits.ts'
import { MessageStream } from '../../src/transfer/message-stream.ts'
import { noteInit } from '../bundle/fixtures.ts'
import { startPeer } from '../transfer/support.ts'
import { memoryFiles } from './memory-files.ts'
import { publishNotes, startParts } from './nodes.ts'
import { headOfEntries, otherHead, seenOf } from './seen.ts'
import { numbered, signerOf } from './trails.ts'
import type { NodeParts } from './nodes.ts'
import type { DurableFiles } from '../../src/interface/store.ts'
import type { WitnessAnswer } from '../../src/interface/witness.ts'

const signal = new AbortController().signal

type Peer = Awaited<ReturnType<typeof startPeer>>

/** Follows a node with the parts of another one. */
function follow (oracle: NodeParts, miner: NodeParts, files: DurableFiles = memoryFiles()): FollowedLog {
  const forks = new Forks({ files, log: () => {} })
  return new FollowedLog({ address: miner.identity.address, files, forks, components: () => oracle, log: () => {} })
}

/** The miner with the key of the trails, of which nothing but a witness is there, that says what the test wants. */
async function startLiar (answer: () => Omit<WitnessAnswer, 'time'> | Promise<Omit<WitnessAnswer, 'time'>>): Promise<Peer> {
  const liar = await startPeer(1)
  await liar.handle(witnessProtocol, async opened => {
    const stream = new MessageStream(opened, witnessBound)
    await stream.receive(10_000, () => new Error('nothing came'))
    await stream.send(encodeWitnessAnswer({ ...await answer(), time: 0 }))
    await opened.close()
  })
  return liar
}

/** An oracle that has seen 300 entries of the log of that miner. */
async function startOracle (): Promise<{ log: FollowedLog, forks: Forks }> {
  const files = memoryFiles()
  const entries = numbered(300)
  const mirror = await openMirror({ files: filesIn(files, '00'.repeat(16)), log: () => {} })
  await mirror.grow(verifyKept(await seenOf(headOfEntries(entries))), async (from, to) => entries.slice(from, to))
  const forks = new Forks({ files: memoryFiles(), log: () => {} })
  const oracle = await startParts(2)
  const { origin, identity: { address } } = signerOf()
  const log = new FollowedLog({ address, files, forks, components: () => oracle, log: () => {} })
  await log.open(origin)
  return { log, forks }
}

const root = cidOf(`0x${'11'.repeat(32)}`)

describe('FollowedLog', () => {
  it('sees each newer checkpoint of a node, and fetches what it lacks', async () => {
    const [miner, oracle] = [await startParts(1), await startParts(2)]
    await publishNotes(miner, 2)
    const log = follow(oracle, miner)
    await log.update([miner.place], { signal })
    expect(log.mirror?.seen?.checkpoint.size).toBe(2)
    await publishNotes(miner, 3)
    await miner.audit.bundles.publish(await miner.statements.flush())
    await log.update([], { signal })
    await log.update([], { signal })
    expect(log.mirror?.seen?.checkpoint.size).toBe(5)
    expect(log.mirror?.isComplete).toBe(true)
  })

  it('knows the datasets that the trail names, whatever is left of what it knew before, also in a later process', async () => {
    const [miner, oracle] = [await startParts(1), await startParts(2)]
    const log = follow(oracle, miner)
    const publish = async (version: string): Promise<void> => {
      using kept = await publishBundle(miner, { ...noteInit([{ name: 'a', text: version }]), manifest: () => ({
        format: 'cortensor-bundle', version: '1.0', kind: 'dataset', publisher: miner.identity.address, name: 'qa', datasetVersion: version
      }) })
      await miner.audit.bundles.publish(await miner.statements.flush())
      await log.update([miner.place], { signal })
      expect(kept.stored.kind).toBe('dataset')
    }
    await publish('1.0.0')
    expect(log.named.map(({ name, version }) => [name, version])).toEqual([['qa', '1.0.0']])
    const files = memoryFiles()
    await files.place([{ path: `${miner.store.repositoryId}/datasets`, bytes: Buffer.from('{}') }])
    const again = follow(oracle, miner, files)
    await again.update([miner.place], { signal })
    expect([again.mirror?.seen?.checkpoint.size, again.named.length]).toEqual([1, 1])
    const reopened = follow(oracle, miner, files)
    await reopened.open(again.mirror?.seen?.checkpoint.origin ?? '')
    expect(reopened.named).toEqual(again.named)
  })

  it('tells of a node that is not there, and of one at the place of another', async () => {
    const [miner, oracle, other] = [await startParts(1), await startParts(2), await startParts(3)]
    await expect(follow(oracle, miner).update([], { signal })).rejects.toThrow(PeerUnreachableError)
    await expect(follow(oracle, miner).update([other.place], { signal })).rejects.toThrow(PeerUnreachableError)
  })

  it('learns nothing from an older checkpoint, and proves a fork by one that is not a part of the log', async () => {
    const { log, forks } = await startOracle()
    let head = headOfEntries(numbered(200))
    const liar = await startLiar(async () => ({ status: 'ok', checkpoint: encodeSeenCheckpoint(await seenOf(head)), trail: root }))
    await log.update([liar.dialled], { signal })
    expect(log.mirror?.seen?.checkpoint.size).toBe(300)
    head = otherHead(200)
    const error = await log.update([liar.dialled], { signal }).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(ForkedTrailError)
    expect(forks.all()).toMatchObject([{ earlier: { size: 200 }, later: { size: 300 } }])
    expect(log.fork?.bytes).toEqual((error as ForkedTrailError).details['fork'])
    await expect(log.update([liar.dialled], { signal })).rejects.toThrow(ForkedTrailError)
  })

  it('proves a fork by another tree of as many entries', async () => {
    const { log, forks } = await startOracle()
    const liar = await startLiar(async () => ({ status: 'ok', checkpoint: encodeSeenCheckpoint(await seenOf(otherHead(300))), trail: root }))
    await expect(log.update([liar.dialled], { signal })).rejects.toThrow(ForkedTrailError)
    expect(forks.all()).toMatchObject([{ earlier: { size: 300 }, later: { size: 300 } }])
  })

  it.each<[string, () => Promise<Omit<WitnessAnswer, 'time'>>, new (message: string) => Error]>([
    ['nothing', async () => await Promise.resolve({ status: 'not-found' }), UnavailableError],
    ['no bundle', async () => ({ status: 'ok', checkpoint: encodeSeenCheckpoint(await seenOf(headOfEntries(numbered(301)))) }), UnavailableError],
    ['garbage', async () => await Promise.resolve({ status: 'ok', checkpoint: Uint8Array.of(1), trail: root }), CorruptTransferError],
    ['the log of another node', async () => ({ status: 'ok', checkpoint: encodeSeenCheckpoint(await seenOf(otherHead(9), signerOf(5))), trail: root }), CorruptTransferError],
    ['a log that is too large', async () => ({ status: 'ok', checkpoint: encodeSeenCheckpoint(await seenOf(otherHead(followedEntriesMax + 1))), trail: root }), LimitExceededError],
    ['a bundle that it does not have', async () => ({ status: 'ok', checkpoint: encodeSeenCheckpoint(await seenOf(otherHead(301))), trail: root }), UnavailableError]
  ])('believes nothing of a node that shows %s', async (_, answer, error) => {
    const { log, forks } = await startOracle()
    const liar = await startLiar(answer)
    await expect(log.update([liar.dialled], { signal })).rejects.toThrow(error)
    expect(log.mirror?.seen?.checkpoint.size).toBe(300)
    expect(forks.all()).toEqual([])
  })

  it('keeps no more logs of one node than it may', async () => {
    const [miner, oracle] = [await startParts(1), await startParts(2)]
    const files = memoryFiles()
    for (let n = 0; n < followedLogsPerNodeMax; n++) await files.place([{ path: `${n}/seen`, bytes: Uint8Array.of(1) }])
    await expect(follow(oracle, miner, files).update([miner.place], { signal })).rejects.toThrow(LimitExceededError)
  })
})
