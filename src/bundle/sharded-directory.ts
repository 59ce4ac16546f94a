/**
 * A directory as a hash array mapped trie (https://specs.ipfs.tech/unixfs/#hamt-directory), as the import profile
 * `unixfs-v1-2025` has it: 256 slots a block, chosen by eight bits of the hash of a name for each level. A slot holds an entry,
 * named by the slot in two hexadecimal digits and its own name, or a block of the next level, named by the slot alone.
 */
import { InvalidNameError } from '../errors.ts'
import { dagPbCodec } from '../format/dag-links.ts'
import { toUtf8 } from '../format/utf8.ts'
import { cidOfBlock, dagSizeOf, encodeDagPb } from './dag-pb-block.ts'
import { encodeShardData } from './unixfs-data.ts'
import type { BlockLink, DagLink, HashOptions } from './dag-pb-block.ts'
import type { DirectoryEntries } from './directory-entries.ts'

/** A block of a sharded directory. */
export interface ShardBlock extends DagLink {
  bytes: Uint8Array
}

const slotsPerBlock = 256
/** Of a hash, eight bits each. */
const levels = 8

/**
 * Makes the blocks of a sharded directory, each after those that it links: the root is the last one. No more is unpacked at a
 * time than the links of one block of each level.
 *
 * @param hashes - of the names of the entries, behind one another: the byte of a hash at a level is the slot there
 * @throws {@link InvalidNameError} when two names have the same hash, so that no trie can tell them apart
 */
export function * shardBlocks (
  entries: DirectoryEntries, hashes: Uint8Array, { sha256 }: HashOptions = {}
): Generator<ShardBlock> {
  const names = [...entries.names()]
  yield * shard(0, names.keys())

  /** The block of a level over these of the entries, after all that is below it. There are as many levels as a hash has slots. */
  function * shard (level: number, places: Iterable<number>): Generator<ShardBlock, DagLink> {
    const slots = [...Map.groupBy(places, place => hashes[place * levels + level] ?? 0)].sort(([a], [b]) => a - b)
    const links: BlockLink[] = []
    for (const [slot, own] of slots) {
      const [first = 0] = own
      const name = names[first] ?? ''
      const prefix = slot.toString(16).toUpperCase().padStart(2, '0')
      if (own.length === 1) links.push({ ...entries.at(first), name: toUtf8(prefix + name) })
      else if (level < levels - 1) links.push({ ...yield * shard(level + 1, own), name: toUtf8(prefix) })
      else throw new InvalidNameError(`The name ${JSON.stringify(name)} has the same hash as another`, { value: name })
    }
    const bytes = encodeDagPb(links, encodeShardData(slots.map(([slot]) => slot), slotsPerBlock))
    const link = { cid: cidOfBlock(dagPbCodec, bytes, sha256), dagSize: dagSizeOf(links, bytes) }
    yield { ...link, bytes }
    return link
  }
}
