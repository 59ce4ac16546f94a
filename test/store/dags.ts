import { createHash } from 'node:crypto'
import { encode, prepare } from '@ipld/dag-pb'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import type { Address } from '../../src/interface/primitives.ts'
import type { BundleRecord } from '../../src/interface/store.ts'

export const address: Address = `0x${'ab'.repeat(20)}`
export const otherAddress: Address = `0x${'cd'.repeat(20)}`

export interface Block {
  cid: CID
  bytes: Uint8Array
}

/** A DAG and the blocks that have to be put for it. */
export interface Dag {
  root: CID
  blocks: Block[]
}

/** A raw block with `size` bytes that depend on `seed`. */
export function raw (seed: string, size = 100): Block {
  const bytes = new Uint8Array(Buffer.alloc(size, createHash('sha256').update(seed).digest()))
  return { cid: cidOf(0x55, bytes), bytes }
}

/** A dag-pb block with the bytes of an empty UnixFS directory and these links. */
export function node (links: readonly { cid: CID }[]): Block {
  const bytes = encode(prepare({
    Data: new Uint8Array([8, 1]),
    Links: links.map(({ cid }, index) => ({ Name: `file-${String(index).padStart(5, '0')}`, Hash: cid, Tsize: 1 }))
  }))
  return { cid: cidOf(0x70, bytes), bytes }
}

/** A directory of raw blocks. */
export function directoryOf (leaves: readonly Block[]): Dag {
  const top = node(leaves)
  return { root: top.cid, blocks: [top, ...leaves] }
}

/** A bundle that is kept as one CAR. */
export function smallDag (seed: string, files = 3, size = 100): Dag {
  return directoryOf(Array.from({ length: files }, (_, index) => raw(`${seed}/${index}`, size)))
}

/** A bundle that is kept as a file a block. */
export function largeDag (seed: string, files = 5, size: number = 256 * 1024): Dag {
  return smallDag(seed, files, size)
}

/** The CID of these bytes, made by other code than the store's. */
export function cidOf (codec: number, bytes: Uint8Array): CID {
  return CID.createV1(codec, create(0x12, new Uint8Array(createHash('sha256').update(bytes).digest())))
}

export function recordOf (root: CID, change: Partial<BundleRecord> = {}): BundleRecord {
  return {
    root, kind: 'task', origin: 'published', readers: 'anyone', embargoed: false, holds: [{ owner: 'host' }], statements: [], storedAt: 1_700_000_000_000,
    ...change
  }
}
