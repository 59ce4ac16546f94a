import { createHash } from 'node:crypto'
import { GrowingTree } from '../../src/merkle/growing-tree.ts'
import type { HashReader, TreeHead } from '../../src/interface/merkle.ts'

/** A log in memory: its entries, its trees of every size, and the hashes of all its complete subtrees. */
export interface Log extends HashReader {
  entries: Uint8Array[]
  /** The tree of the first n entries. */
  trees: TreeHead[]
  /** How many hashes were asked for, call by call. */
  asked: number[]
}

/** The entry of a numbered log: the SHA-256 of its index as four bytes, the highest first. */
export function numberedEntry (index: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(index)
  return new Uint8Array(createHash('sha256').update(bytes).digest())
}

export function numberedLog (size: number): Log {
  return logOf(Array.from({ length: size }, (_, index) => numberedEntry(index)))
}

export function logOf (entries: Uint8Array[]): Log {
  const tree = new GrowingTree()
  const hashes = new Map<string, Uint8Array>()
  const trees = [{ size: 0, root: tree.root }]
  for (const entry of entries) {
    for (const { level, index, hash } of tree.append(entry)) hashes.set(`${level}/${index}`, hash)
    trees.push({ size: tree.size, root: tree.root })
  }
  const asked: number[] = []
  return {
    entries,
    trees,
    asked,
    readHashes: async (nodes) => {
      asked.push(nodes.length)
      return nodes.map(({ level, index }) => {
        const hash = hashes.get(`${level}/${index}`)
        if (hash === undefined) throw new Error(`Subtree ${index} of level ${level} is not complete`)
        return hash
      })
    }
  }
}

/** The root by the definition of RFC 6962, by the crypto of Node.js: slow, and nothing to go wrong. */
export function rootByDefinition (entries: readonly Uint8Array[]): Uint8Array {
  const sha256 = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest())
  const [first, second] = entries
  if (first === undefined) return sha256()
  if (second === undefined) return sha256(Uint8Array.of(0), first)
  const k = 2 ** Math.floor(Math.log2(entries.length - 1))
  return sha256(Uint8Array.of(1), rootByDefinition(entries.slice(0, k)), rootByDefinition(entries.slice(k)))
}

/** The same hash with its last bit changed. */
export function corrupt (hash: Uint8Array): Uint8Array {
  return Uint8Array.from(hash, (byte, at) => at === 31 ? byte ^ 1 : byte)
}
