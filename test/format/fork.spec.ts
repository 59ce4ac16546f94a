import { describe, expect, it } from 'vitest'
import { InvalidForkError, LimitExceededError, NewerFormatError } from '../../src/errors.ts'
import { decodeFork, encodeFork, verifyFork } from '../../src/format/fork.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { emptyRoot } from '../../src/merkle/hashing.ts'
import { forkBytesMax } from '../../src/limits.ts'
import { headAt, otherHead, proofBetween, seenOf } from '../audit/seen.ts'
import { signerOf } from '../audit/trails.ts'
import { at, readVectors } from './vectors.ts'
import type { Fork } from '../../src/format/fork.ts'
import type { Hex } from '../../src/interface/primitives.ts'

const { valid } = readVectors('fork') as { valid: { name: string, bytes: Hex, address: string, origin: string, earlier: number, later: number }[] }

/** The later tree is not the one that the earlier checkpoint was of. */
async function forkOf (earlier: number, later: number): Promise<Fork> {
  const proof = await proofBetween(earlier, later)
  return { earlier: await seenOf(otherHead(earlier)), later: await seenOf(headAt(later)), root: headAt(earlier).root, proof }
}

describe('a fork', () => {
  it.each(valid)('has the bytes of the test vector: $name', ({ bytes, address, origin, earlier, later }) => {
    const fork = decodeFork(fromHex(bytes))
    expect(toHex(encodeFork(fork))).toBe(bytes)
    const verified = verifyFork(fork)
    expect(verified).toMatchObject({ address, origin, earlier: { size: earlier }, later: { size: later } })
  })

  it.each([[5, 5], [1, 2], [5, 300], [256, 257], [299, 300], [0, 7]])('proves that %i entries and %i do not belong together', async (earlier, later) => {
    const { origin, identity: { address } } = signerOf()
    expect(verifyFork(decodeFork(encodeFork(await forkOf(earlier, later))))).toMatchObject({ address, origin })
  })

  it('proves nothing of a log that only grew', async () => {
    for (const [earlier, later] of [[5, 5], [5, 300], [0, 7]] as const) {
      const honest = { ...await forkOf(earlier, later), earlier: await seenOf(headAt(earlier)) }
      expect(() => verifyFork(honest)).toThrow(InvalidForkError)
    }
  })

  it('proves nothing of the empty tree by another root than it has', async () => {
    const honest = { ...await forkOf(0, 7), earlier: await seenOf({ size: 0, root: emptyRoot() }) }
    expect(() => verifyFork({ ...honest, root: new Uint8Array(32) })).toThrow(InvalidForkError)
  })

  it('is refused when a hash, a checkpoint or a signature of it was changed, or belongs to another node', async () => {
    const fork = await forkOf(5, 300)
    const changed = fork.proof.map((hash, at) => at === 0 ? hash.map(byte => byte ^ 1) : hash)
    const wrong: Fork[] = [
      { ...fork, proof: changed }, { ...fork, proof: fork.proof.slice(1) }, { ...fork, root: new Uint8Array(32) },
      { ...fork, earlier: fork.later, later: fork.earlier },
      { ...fork, earlier: await seenOf(otherHead(5), signerOf(2)) },
      { ...fork, earlier: { ...fork.earlier, note: { ...fork.earlier.note, text: fork.later.note.text } } }
    ]
    for (const each of wrong) expect(() => verifyFork(each)).toThrow(InvalidForkError)
  })

  it('is refused when it is malformed, newer or too large', async () => {
    const json = JSON.parse(new TextDecoder().decode(encodeFork(await forkOf(5, 300)))) as Record<string, string>
    const encode = (change: Record<string, unknown>): Uint8Array => new TextEncoder().encode(JSON.stringify({ ...json, ...change }))
    expect(() => decodeFork(encode({ version: '2' }))).toThrow(NewerFormatError)
    for (const change of [{ earlier: 'x' }, { proof: '0x00' }, { proof: `0x${'00'.repeat(32 * 55)}` }, { root: '0x' }, { more: 1 }]) {
      expect(() => decodeFork(encode(change))).toThrow(InvalidForkError)
    }
    expect(() => decodeFork(new Uint8Array(forkBytesMax + 1))).toThrow(LimitExceededError)
    expect(at(valid, 0).bytes.length).toBeLessThan(forkBytesMax)
  })
})
