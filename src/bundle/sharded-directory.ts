/**
 * A directory as a hash array mapped trie (https://specs.ipfs.tech/unixfs/#hamt-directory), as the import profile
 * `unixfs-v1-2025` has it: 256 slots a block, chosen by eight bits of the hash of a name for each level. A slot holds an entry,
 * named by the slot in two hexadecimal digits and its own name, or a block of the next level, named by the slot alone.
 */
import { InvalidNameError } from '../errors.ts'
import { dagPbCodec } from '../format/dag-links.ts'
import { toUtf8 } from '../format/utf8.ts'
import { cidOfBlock, encodeDagPb } from './dag-pb-block.ts'
import { hashName, hashSlot, slotsMax } from './hamt-hash.ts'
import { encodeShardData } from './unixfs-data.ts'
import type { BlockLink, HashOptions, Sha256 } from './dag-pb-block.ts'
import type { CID } from 'multiformats/cid'

/** An entry of a directory that is being written. */
export interface NamedBlockLink extends BlockLink {
  text: string
}

/** A block of a sharded directory. */
export interface ShardBlock extends Omit<BlockLink, 'name'> {
  bytes: Uint8Array
}

/** How the blocks of a sharded directory are made. */
export interface ShardOptions extends HashOptions {
  /** Of names; the one that UnixFS has by default. */
  hash?: (name: string) => bigint
}

interface Entry {
  link: NamedBlockLink
  hash: bigint
}

/** Slots that are taken, the level below where two names share a slot. */
type Shard = Map<number, Entry | Shard>

const bits = 8

/**
 * Makes the blocks of a sharded directory, each after those that it links: the root is the last one.
 *
 * @throws {@link InvalidNameError} when two names have the same hash, so that no trie can tell them apart
 */
export function * shardBlocks (
  links: readonly NamedBlockLink[], { hash = hashName, sha256 }: ShardOptions = {}
): Generator<ShardBlock> {
  const root: Shard = new Map()
  for (const link of links) insert(root, { link, hash: hash(link.text) })
  const shards = [root]
  for (const shard of shards) {
    for (const child of shard.values()) {
      if (child instanceof Map) shards.push(child)
    }
  }
  const written = new Map<Shard, Omit<ShardBlock, 'bytes'>>()
  for (const shard of shards.reverse()) {
    const block = shardBlock(shard, written, sha256)
    written.set(shard, { cid: block.cid, dagSize: block.dagSize })
    yield block
  }
}

function insert (root: Shard, entry: Entry): void {
  let shard = root
  for (let level = 0; level < slotsMax(bits); level++) {
    const slot = hashSlot(entry.hash, bits, level)
    const taken = shard.get(slot)
    if (taken === undefined) {
      shard.set(slot, entry)
      return
    }
    // The next turn puts the new entry beside the one that was here, or below both.
    const below: Shard = taken instanceof Map ? taken : new Map([[hashSlot(taken.hash, bits, level + 1), taken]])
    shard.set(slot, below)
    shard = below
  }
  throw new InvalidNameError(`The name ${JSON.stringify(entry.link.text)} has the same hash as another one in its directory, which is too` +
    ' large to be without hashes', { value: entry.link.text })
}

function shardBlock (
  shard: Shard, written: ReadonlyMap<Shard, { cid: CID, dagSize: number }>, sha256: Sha256 | undefined
): ShardBlock {
  const slots = [...shard.keys()].sort((a, b) => a - b)
  const links = slots.map(slot => {
    const child = shard.get(slot)
    const prefix = slot.toString(16).toUpperCase().padStart(2, '0')
    const below = child instanceof Map ? written.get(child) : child?.link
    if (child === undefined || below === undefined) throw new TypeError('A shard is written before one below it')
    return { name: toUtf8(child instanceof Map ? prefix : prefix + child.link.text), cid: below.cid, dagSize: below.dagSize }
  })
  const bytes = encodeDagPb(links, encodeShardData(slots, 2 ** bits))
  return {
    bytes,
    cid: cidOfBlock(dagPbCodec, bytes, sha256),
    dagSize: links.reduce((sum, { dagSize }) => sum + dagSize, bytes.byteLength)
  }
}
