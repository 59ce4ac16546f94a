import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { emptyRoot, hashChildren, hashComplete, hashEntry, hashSubtrees } from '../../src/merkle/hashing.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import { at, readVectors } from '../format/vectors.ts'
import { rootByDefinition } from './trees.ts'

const { entries, roots } = readVectors('merkle') as { entries: Hex[], roots: Hex[] }
const bytes = entries.map(entry => fromHex(entry))

describe('hashes of RFC 6962', () => {
  it('are those of the Certificate Transparency project for no entry, for one and for two', () => {
    expect(toHex(emptyRoot())).toBe(roots[0])
    expect(toHex(hashEntry(at(bytes, 0)))).toBe(roots[1])
    expect(toHex(hashChildren(hashEntry(at(bytes, 0)), hashEntry(at(bytes, 1))))).toBe(roots[2])
  })

  it('tell an entry from a subtree', () => {
    const [left, right] = [hashEntry(at(bytes, 0)), hashEntry(at(bytes, 1))]
    expect(hashEntry(Buffer.concat([left, right]))).not.toEqual(hashChildren(left, right))
  })
})

describe('hashSubtrees', () => {
  it('joins complete subtrees, the largest first', () => {
    const [a, b, c, d, e, f, g] = bytes.map(hashEntry) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array]
    const four = hashChildren(hashChildren(a, b), hashChildren(c, d))
    expect(toHex(hashSubtrees([four, hashChildren(e, f), g]))).toBe(roots[7])
    expect(toHex(hashSubtrees([]))).toBe(roots[0])
    expect(hashSubtrees([g])).toBe(g)
  })
})

describe('hashComplete', () => {
  it('is the hash of a tree whose size is a power of two', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 8 }), fc.infiniteStream(fc.uint8Array({ maxLength: 40 })), (level, stream) => {
      const entries = [...stream.take(2 ** level)]
      expect(hashComplete(entries.map(hashEntry))).toEqual(rootByDefinition(entries))
    }), { numRuns: 20 })
  })
})
