import { InvalidNameError } from '../errors.ts'
import { checkBlockCid, dagPbCodec } from '../format/dag-links.ts'
import { checkEntryName } from '../format/entry-name.ts'
import { hashName, hashSlot, slotsMax } from './hamt-hash.ts'
import { readNode } from './read-node.ts'
import { invalid } from './unixfs-node.ts'
import type { DagPlace, DagReader } from './dag-reader.ts'
import type { ReadNodeOptions } from './read-node.ts'
import type { DirectoryNode, NamedLink, ShardNode } from './unixfs-node.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/** An entry of a directory: where it stands, and not yet what it is. */
export interface DirectoryEntry extends DagPlace, NamedLink {}

/** A directory whose first block is decoded. */
export interface OpenDirectory extends DagPlace {
  node: DirectoryNode | ShardNode
}

interface Frame extends OpenDirectory {
  node: ShardNode
  next: number
}

/**
 * Lists a directory, basic or sharded, in the order of its blocks. Every name is checked, unique, and in a sharded
 * directory at the place that its hash gives it.
 *
 * @throws {@link InvalidNameError} when a name cannot be in a bundle, or is there twice
 * @throws {@link InvalidDagError} when a shard is not where or what it should be
 */
export async function * listDirectory (
  reader: DagReader, directory: OpenDirectory, options?: ReadNodeOptions
): AsyncGenerator<DirectoryEntry> {
  const { node } = directory
  if (node.type === 'shard') yield * linksOfShards(reader, { ...directory, node }, options)
  else yield * linksOfNode({ ...directory, node })
}

/** Finds one entry of a directory, reading no more of its blocks than are on the way. */
export async function lookUp (
  reader: DagReader, directory: OpenDirectory, name: string, options?: AbortOptions
): Promise<DirectoryEntry | undefined> {
  let { node, cid, position } = directory
  if (node.type === 'directory') {
    const index = indexOfName(node, name)
    if (index === -1) throw invalid(cid, `has two entries named ${JSON.stringify(name)}`)
    const link = index === undefined ? undefined : node.links[index]
    return link === undefined || index === undefined ? undefined : { ...link, position: [...position, index] }
  }
  const hash = hashName(name)
  for (let level = 0; level < slotsMax(node.bits); level++) {
    const slot = hashSlot(hash, node.bits, level)
    const index = node.links.findIndex(link => link.slot === slot)
    const link = node.links[index]
    if (link === undefined) return undefined
    position = [...position, index]
    if (link.name !== '') return link.name === name ? { ...link, position } : undefined
    node = await readShard(reader, { cid: link.cid, position }, node.bits, options)
    cid = link.cid
  }
  throw invalid(cid, 'is a directory shard below the last bit of a hash')
}

/** Of each directory made once, when something is looked up in it. -1 stands for a name that is there twice. */
const nameIndexes = new WeakMap<DirectoryNode, Map<string, number>>()

function indexOfName (node: DirectoryNode, name: string): number | undefined {
  let indexes = nameIndexes.get(node)
  if (indexes === undefined) {
    indexes = new Map<string, number>()
    for (const [index, link] of node.links.entries()) indexes.set(link.name, indexes.has(link.name) ? -1 : index)
    nameIndexes.set(node, indexes)
  }
  return indexes.get(name)
}

function * linksOfNode ({ cid, node, position }: OpenDirectory & { node: DirectoryNode }): Generator<DirectoryEntry> {
  const names = new Set<string>()
  for (const [index, link] of node.links.entries()) {
    const { name } = link
    checkEntryName(name)
    if (names.has(name)) throw new InvalidNameError(`A directory has two entries named ${JSON.stringify(name)}`, { value: name, cid: cid.toString() })
    names.add(name)
    yield { ...link, position: [...position, index] }
  }
}

/** No name is there twice: each is where its hash says, and a block has one link in a slot. */
async function * linksOfShards (
  reader: DagReader, root: OpenDirectory & { node: ShardNode }, options?: ReadNodeOptions
): AsyncGenerator<DirectoryEntry> {
  const { bits } = root.node
  const frames: Frame[] = [{ ...root, next: 0 }]
  const path: number[] = []
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const index = frame.next++
    const link = frame.node.links[index]
    if (link === undefined) {
      frames.pop()
      path.pop()
      continue
    }
    const entry = { ...link, position: [...frame.position, index] }
    if (entry.name !== '') {
      checkSlots(frame, entry.name, bits, [...path, link.slot])
      checkEntryName(entry.name)
      yield entry
      continue
    }
    if (frames.length >= slotsMax(bits)) throw invalid(frame.cid, 'has a directory shard below the last bit of a hash')
    frames.push({ cid: entry.cid, position: entry.position, node: await readShard(reader, entry, bits, options), next: 0 })
    path.push(link.slot)
  }
}

/** An entry that stands elsewhere would be listed and not be found. */
function checkSlots ({ cid }: DagPlace, name: string, bits: number, slots: readonly number[]): void {
  const hash = hashName(name)
  if (!slots.every((slot, level) => hashSlot(hash, bits, level) === slot)) {
    throw invalid(cid, `is a directory shard with the entry ${JSON.stringify(name)} out of place`)
  }
}

/** Reads a block below the root of a sharded directory. @throws {@link InvalidDagError} when it is not what it should be there */
export async function readShard (
  reader: DagReader, place: DagPlace, bits: number, options?: ReadNodeOptions
): Promise<ShardNode> {
  checkBlockCid(place.cid)
  if (place.cid.code !== dagPbCodec) throw invalid(place.cid, 'is a raw block where a directory shard should be')
  const node = await readNode(reader, place, options)
  if (node.type !== 'shard') throw invalid(place.cid, `is a ${node.type} where a directory shard should be`)
  if (node.bits !== bits) throw invalid(place.cid, `is a directory shard with a fan-out of ${2 ** node.bits} inside one of ${2 ** bits}`)
  // Shards without entries could be nested and repeated without end in a DAG of a few blocks.
  if (node.links.length === 0) throw invalid(place.cid, 'is a directory shard without entries')
  return node
}
