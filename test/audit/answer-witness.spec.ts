import { beforeEach, describe, expect, it } from 'vitest'
import { DamagedTrailError, StorageFullError } from '../../src/errors.ts'
import { answerWitness } from '../../src/audit/answer-witness.ts'
import { Forks } from '../../src/audit/forks.ts'
import { KeptCheckpoints, verifyKept } from '../../src/audit/kept-checkpoints.ts'
import { decodeSeenCheckpoint, encodeSeenCheckpoint } from '../../src/format/seen-checkpoint.ts'
import { memoryFiles } from './memory-files.ts'
import { headAt, otherHead, proofBetween, seenOf } from './seen.ts'
import { signerOf } from './trails.ts'
import type { AnswerWitnessComponents } from '../../src/audit/answer-witness.ts'
import type { SeenCheckpoint } from '../../src/format/seen-checkpoint.ts'
import type { WitnessReply } from '../../src/transfer/serve-witness.ts'

const signal = new AbortController().signal
const { origin, identity } = signerOf()

let components: AnswerWitnessComponents & { forks: Forks }

beforeEach(() => {
  const files = memoryFiles()
  components = {
    kept: new KeptCheckpoints({ files, log: () => {} }), forks: new Forks({ files, log: () => {} }),
    ownLog: async () => ({ status: 'ok' }), followed: () => undefined
  }
})

async function add (seen: SeenCheckpoint, oldSize = 0, proof: readonly Uint8Array[] = [], address: `0x${string}` | undefined = identity.address): Promise<WitnessReply> {
  const request = { op: 'add' as const, checkpoint: encodeSeenCheckpoint(seen), oldSize, proof }
  return await answerWitness(components, request, { address, peerId: 'peer' }, { signal })
}

async function ask (): Promise<WitnessReply> {
  return await answerWitness(components, { op: 'ask', origin }, { address: undefined, peerId: 'stranger' }, { signal })
}

const sizeOf = ({ checkpoint }: WitnessReply): number | undefined =>
  checkpoint === undefined ? undefined : verifyKept(decodeSeenCheckpoint(checkpoint)).checkpoint.size

describe('answerWitness', () => {
  it('keeps what continues what it has, and shows it to anyone', async () => {
    expect(await ask()).toEqual({ status: 'not-found' })
    expect(await add(await seenOf(headAt(5)))).toEqual({ status: 'ok' })
    expect(await add(await seenOf(headAt(300)), 5, await proofBetween(5, 300))).toEqual({ status: 'ok' })
    expect(await add(await seenOf(headAt(300)), 300)).toEqual({ status: 'ok' })
    const answer = await ask()
    expect([answer.status, sizeOf(answer)]).toEqual(['ok', 300])
  })

  it('says what it has when the sender thinks that it has something else', async () => {
    expect(await add(await seenOf(headAt(300)), 5, await proofBetween(5, 300))).toEqual({ status: 'conflict' })
    await add(await seenOf(headAt(5)))
    const answer = await add(await seenOf(headAt(300)), 6, await proofBetween(6, 300))
    expect([answer.status, sizeOf(answer)]).toEqual(['conflict', 5])
    expect(await add(await seenOf(headAt(3)), 5)).toEqual({ status: 'bad-request' })
  })

  it('keeps nothing that the proof does not lead to', async () => {
    await add(await seenOf(headAt(5)))
    for (const proof of [[], await proofBetween(6, 300), [new Uint8Array(32)]]) {
      expect((await add(await seenOf(headAt(300)), 5, proof)).status).toBe('inconsistent')
    }
    expect((await add(await seenOf(otherHead(300)), 5, await proofBetween(5, 300))).status).toBe('inconsistent')
    expect(sizeOf(await ask())).toBe(5)
    expect((await add(await seenOf(headAt(5), signerOf(2)), 0, [new Uint8Array(32)], signerOf(2).identity.address)).status).toBe('inconsistent')
  })

  it('keeps the proof when the same size has another root', async () => {
    await add(await seenOf(headAt(5)))
    const answer = await add(await seenOf(otherHead(5)), 5)
    expect([answer.status, sizeOf(answer)]).toEqual(['conflict', 5])
    expect(components.forks.all()).toMatchObject([{ origin, earlier: { size: 5 }, later: { size: 5 } }])
  })

  it('keeps nothing of another node than the one that is connected, and nothing that was changed', async () => {
    const seen = await seenOf(headAt(5))
    expect(await add(seen, 0, [], signerOf(2).identity.address)).toEqual({ status: 'forbidden' })
    expect(await answerWitness(components, { op: 'add', checkpoint: encodeSeenCheckpoint(seen), oldSize: 0, proof: [] },
      { address: undefined, peerId: 'peer' }, { signal })).toEqual({ status: 'forbidden' })
    const changed = { ...seen, note: { ...seen.note, text: seen.note.text.replace('\n5\n', '\n6\n') } }
    expect(await add(changed)).toEqual({ status: 'forbidden' })
    expect(await answerWitness(components, { op: 'add', checkpoint: Uint8Array.of(1), oldSize: 0, proof: [] },
      { address: identity.address, peerId: 'peer' }, { signal })).toEqual({ status: 'bad-request' })
    expect(await ask()).toEqual({ status: 'not-found' })
  })

  it('shows what it follows where that is newer', async () => {
    components.followed = () => followed
    const followed = verifyKept(await seenOf(headAt(7)))
    expect(sizeOf(await ask())).toBe(7)
    await add(await seenOf(headAt(5)))
    expect(sizeOf(await ask())).toBe(7)
    await add(await seenOf(headAt(9)), 5, await proofBetween(5, 9))
    expect(sizeOf(await ask())).toBe(9)
  })

  it('shows its own log to one who has seen it, or has not', async () => {
    const told: (SeenCheckpoint | undefined)[] = []
    components.ownLog = async seen => {
      told.push(seen)
      return { status: 'ok' }
    }
    const seen = await seenOf(headAt(5))
    const asked = async (checkpoint?: Uint8Array): Promise<WitnessReply> =>
      await answerWitness(components, { op: 'ask', ...checkpoint === undefined ? {} : { checkpoint } }, { address: undefined, peerId: 'p' }, { signal })
    expect(await asked()).toEqual({ status: 'ok' })
    expect(await asked(encodeSeenCheckpoint(seen))).toEqual({ status: 'ok' })
    expect(await asked(Uint8Array.of(1))).toEqual({ status: 'bad-request' })
    expect(told).toEqual([undefined, seen])
  })

  it('says nothing of its own disk', async () => {
    const failing = (error: Error) => async (): Promise<never> => await Promise.reject(error)
    components.ownLog = failing(new StorageFullError('5 of 6 GiB'))
    const asked = async (): Promise<WitnessReply> => await answerWitness(components, { op: 'ask' }, { address: undefined, peerId: 'p' }, { signal })
    expect((await asked()).status).toBe('busy')
    components.ownLog = failing(new DamagedTrailError('/home/x'))
    expect(await asked()).toEqual({ status: 'not-found' })
    components.ownLog = failing(new TypeError('broken'))
    await expect(asked()).rejects.toThrow(TypeError)
  })

  it('tells a sender that it has no room for another log', async () => {
    components.kept = { find: async () => undefined, keep: async () => false }
    expect(await add(await seenOf(headAt(5)))).toEqual({ status: 'busy' })
  })
})
