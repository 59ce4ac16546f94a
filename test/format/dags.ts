import { hash } from 'node:crypto'
import { createNode, encode } from '@ipld/dag-pb'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { NotStoredError } from '../../src/errors.ts'
import { dagPbCodec, rawCodec } from '../../src/format/dag-links.ts'
import type { BlockReader, BlockWriter } from '../../src/interface/store.ts'

/** A block and its name. */
export interface Block {
  cid: CID
  bytes: Uint8Array
}

export function sha256 (bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(hash('sha256', bytes, 'buffer'))
}

export function cidOfBytes (codec: number, bytes: Uint8Array): CID {
  return CID.createV1(codec, create(0x12, sha256(bytes)))
}

/** A leaf. */
export function leaf (content: string | Uint8Array): Block {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content
  return { cid: cidOfBytes(rawCodec, bytes), bytes }
}

/** A dag-pb block that links others in this order; `salt` makes it another block. */
export function branch (links: readonly { cid: CID }[], salt = ''): Block {
  const bytes = encode(createNode(new TextEncoder().encode(salt), links.map(({ cid }) => ({ Hash: cid, Name: '', Tsize: 0 }))))
  return { cid: cidOfBytes(dagPbCodec, bytes), bytes }
}

/** A root and every block of its DAG. */
export interface Dag {
  root: CID
  blocks: Block[]
  /** Bytes of all blocks, each counted once. */
  bytes: number
}

export function dagOf (root: Block, others: readonly Block[]): Dag {
  const blocks = [...new Map([root, ...others].map(block => [block.cid.toString(), block])).values()]
  return { root: root.cid, blocks, bytes: blocks.reduce((sum, { bytes }) => sum + bytes.length, 0) }
}

/** Bytes that look random and are the same in every run. */
export function noise (length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed + 1
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[index] = state >>> 24
  }
  return bytes
}

/** A directory of `files` leaves of `size` bytes each. */
export function flatDag (files: number, size: number, seed = 0): Dag {
  const leaves = Array.from({ length: files }, (_, index) => leaf(noise(size, seed * 100_003 + index)))
  return dagOf(branch(leaves), leaves)
}

/** Directories in directories, `width` in each, `depth` deep, with a leaf at each end. */
export function deepDag (width: number, depth: number): Dag {
  const all: Block[] = []
  let level = Array.from({ length: width ** depth }, (_, index) => leaf(noise(100 + index, index)))
  for (let at = 0; at < depth; at++) {
    all.push(...level)
    level = Array.from({ length: level.length / width }, (_, index) => branch(level.slice(index * width, (index + 1) * width), `${at}/${index}`))
  }
  const [root] = level
  if (root === undefined) throw new Error('no root')
  return dagOf(root, all)
}

/** Blocks in memory, by digest; refuses to take what does not hash to its CID, and notes everything. */
export class MemoryBlocks implements BlockReader, BlockWriter {
  readonly #blocks = new Map<string, Uint8Array>()
  readonly puts: string[] = []
  readonly gets: string[] = []

  constructor (...dags: readonly { blocks: readonly Block[] }[]) {
    for (const { blocks } of dags) for (const { cid, bytes } of blocks) this.#blocks.set(keyOf(cid), bytes)
  }

  get size (): number {
    return this.#blocks.size
  }

  async get (cid: CID): Promise<Uint8Array> {
    this.gets.push(cid.toString())
    const bytes = this.#blocks.get(keyOf(cid))
    if (bytes === undefined) throw new NotStoredError(`${cid.toString()} is not stored`)
    return await Promise.resolve(bytes)
  }

  async has (cid: CID): Promise<boolean> {
    return await Promise.resolve(this.#blocks.has(keyOf(cid)))
  }

  async put (cid: CID, bytes: Uint8Array): Promise<void> {
    if (Buffer.compare(sha256(bytes), cid.multihash.digest) !== 0) throw new TypeError(`${cid.toString()} was put unverified`)
    this.puts.push(cid.toString())
    this.#blocks.set(keyOf(cid), bytes)
    await Promise.resolve()
  }

  delete (cid: CID): void {
    this.#blocks.delete(keyOf(cid))
  }
}

function keyOf ({ multihash }: CID): string {
  return Buffer.from(multihash.digest).toString('hex')
}
