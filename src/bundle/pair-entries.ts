import { InvalidNameError } from '../errors.ts'
import { checkEntryName } from '../format/entry-name.ts'
import { quote } from '../format/quote.ts'
import { listDirectory, readShard } from './directory.ts'
import { hashName, hashSlot, slotsMax } from './hamt-hash.ts'
import { invalid } from './unixfs-node.ts'
import type { DagPlace, DagReader } from './dag-reader.ts'
import type { DirectoryEntry } from './directory.ts'
import type { TreeDirectory } from './tree.ts'
import type { ShardNode } from './unixfs-node.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/** Entries of one name that are not the same; one of them may be missing. */
export interface EntryPair {
  type: 'entries'
  name: string
  before?: DirectoryEntry | undefined
  after?: DirectoryEntry | undefined
}

/** Two directories that are not the same, or one that the other side has not. */
export interface DirectoryPair {
  type: 'directories'
  before: TreeDirectory | undefined
  after: TreeDirectory | undefined
}

/** Blocks of two sharded directories that stand at the same place and are not the same. */
export interface ShardPair {
  type: 'shards'
  before: DagPlace
  after: DagPlace
  bits: number
  /** Slots from the root of the directories to these blocks. */
  slots: readonly number[]
}

/** What has to be read before it can be compared. */
export type NodePair = DirectoryPair | ShardPair

interface Side {
  reader: DagReader
  directory: TreeDirectory | undefined
}

/**
 * Pairs the entries of two directories that differ. Of two sharded ones only their first blocks are looked at.
 *
 * @throws {@link InvalidNameError}, {@link InvalidDagError} when one of them cannot be in a bundle
 */
export async function pairDirectories (before: Side, after: Side, options: AbortOptions): Promise<(EntryPair | ShardPair)[]> {
  const [left, right] = [before.directory?.node, after.directory?.node]
  const [leftPlace, rightPlace] = [before.directory, after.directory]
  const areShards = left?.type === 'shard' && right?.type === 'shard' && left.bits === right.bits
  if (areShards && leftPlace !== undefined && rightPlace !== undefined) {
    const [one, other] = [{ node: left, place: leftPlace }, { node: right, place: rightPlace }]
    return await pairSlots({ ...before, ...one }, { ...after, ...other }, [], options)
  }
  return pairByName(await entriesOf(before, options), await entriesOf(after, options))
}

/** Pairs what differs below two blocks of sharded directories. @throws as {@link pairDirectories} does */
export async function pairShards (
  before: DagReader, after: DagReader, pair: ShardPair, options: AbortOptions
): Promise<(EntryPair | ShardPair)[]> {
  const { bits, slots } = pair
  if (slots.length >= slotsMax(bits)) throw invalid(pair.before.cid, 'has a directory shard below the last bit of a hash')
  const [left, right] = await Promise.all([
    readShard(before, pair.before, bits, options), readShard(after, pair.after, bits, options)
  ])
  const [one, other] = [{ reader: before, node: left, place: pair.before }, { reader: after, node: right, place: pair.after }]
  return await pairSlots(one, other, slots, options)
}

interface Shard {
  reader: DagReader
  node: ShardNode
  place: DagPlace
}

interface SlotEntry extends DirectoryEntry {
  slot: number
}

async function pairSlots (
  before: Shard, after: Shard, above: readonly number[], options: AbortOptions
): Promise<(EntryPair | ShardPair)[]> {
  const [left, right] = [slotsOf(before), slotsOf(after)]
  const { bits } = before.node
  const pairs: (EntryPair | ShardPair)[] = []
  const apart: { before: DirectoryEntry[], after: DirectoryEntry[] } = { before: [], after: [] }
  for (const slot of new Set([...left.keys(), ...right.keys()])) {
    const [one, other] = [left.get(slot), right.get(slot)]
    if (one !== undefined && one.name === other?.name && one.cid.equals(other.cid)) continue
    const slots = [...above, slot]
    if (one?.name === '' && other?.name === '') pairs.push({ type: 'shards', before: one, after: other, bits, slots })
    else {
      if (one !== undefined) apart.before.push(...await entriesBelow(before.reader, one, { bits, slots }, options))
      if (other !== undefined) apart.after.push(...await entriesBelow(after.reader, other, { bits, slots }, options))
    }
  }
  return [...pairs, ...pairByName(apart.before, apart.after)]
}

function slotsOf ({ node, place }: Shard): Map<number, SlotEntry> {
  return new Map(node.links.map((link, index) => [link.slot, { ...link, position: [...place.position, index] }]))
}

/** The entry of a slot, or all that are below the block that it holds. */
async function entriesBelow (
  reader: DagReader, entry: SlotEntry, { bits, slots }: { bits: number, slots: readonly number[] }, options: AbortOptions
): Promise<DirectoryEntry[]> {
  const found: DirectoryEntry[] = []
  const waiting = [{ entry, slots }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { entry: { name, cid, position, dagSize }, slots } = next
    if (name !== '') {
      checkEntryName(name)
      const hash = hashName(name)
      const isThere = slots.every((slot, level) => hashSlot(hash, bits, level) === slot)
      if (!isThere) throw invalid(cid, `is in a directory at the wrong place for ${quote(name)}`)
      found.push({ name, cid, position, dagSize })
      continue
    }
    if (slots.length >= slotsMax(bits)) throw invalid(cid, 'is a directory shard below the last bit of a hash')
    const node = await readShard(reader, { cid, position }, bits, options)
    const below = slotsOf({ reader, node, place: { cid, position } })
    for (const [slot, entry] of below) waiting.push({ entry, slots: [...slots, slot] })
  }
  return found
}

async function entriesOf ({ reader, directory }: Side, options: AbortOptions): Promise<DirectoryEntry[]> {
  return directory === undefined ? [] : await Array.fromAsync(listDirectory(reader, directory, options))
}

function pairByName (before: readonly DirectoryEntry[], after: readonly DirectoryEntry[]): EntryPair[] {
  const pairs = new Map<string, EntryPair>()
  for (const side of ['before', 'after'] as const) {
    for (const entry of side === 'before' ? before : after) {
      const pair = pairs.get(entry.name) ?? { type: 'entries', name: entry.name }
      if (pair[side] !== undefined) {
        throw new InvalidNameError(`A directory has two entries named ${quote(entry.name)}`, { value: entry.name })
      }
      pairs.set(entry.name, { ...pair, [side]: entry })
    }
  }
  return [...pairs.values()].filter(({ before, after }) =>
    before === undefined || after === undefined || !before.cid.equals(after.cid))
}
