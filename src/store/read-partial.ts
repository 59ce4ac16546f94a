import type { CID } from 'multiformats/cid'
import { CorruptBlockError, InvalidDagError, LimitExceededError, NotStoredError } from '../errors.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { rawCodec } from '../format/dag-links.ts'
import { blockBytesMax, readConcurrency } from '../limits.ts'
import { blockKey, matchesCid } from './block-key.ts'
import { collectBlocks } from './collect-blocks.ts'
import { corruptBlock } from './damage.ts'
import { readBlock, unlessDamaged } from './read-block.ts'
import type { StoreParts } from './store-parts.ts'

/** A block that was left by an earlier process. */
export interface LeftBlock {
  cid: CID
  key: string
  length: number
  /** True when its bytes were hashed. */
  isChecked: boolean
}

/** Where a block is: in a file of its own, in a stored bundle alone, or nowhere. */
interface Place {
  at: 'file' | 'bundle' | 'nowhere'
  length: number
}

const nowhere: Place = { at: 'nowhere', length: 0 }

/**
 * Finds what is left of a bundle, from its root down over the blocks that are there. Blocks with links are read and hashed, the
 * others are not; files that are damaged are removed. Undefined when nobody could store the bundle, whatever else came.
 */
export async function readPartial (parts: StoreParts, root: CID): Promise<LeftBlock[] | undefined> {
  try {
    const collected = collectBlocks<Place>(root, {
      find: (cids, keys) => findPlaces(parts, cids, keys),
      load: cid => load(parts, cid),
      onDamage: (_, error) => {
        if (!(error instanceof NotStoredError) && !(error instanceof CorruptBlockError)) throw error
        return nowhere
      }
    })
    const left: LeftBlock[] = []
    for await (const { cid, key, found: { at, length } } of collected) {
      if (at === 'file') left.push({ cid, key, length, isChecked: cid.code !== rawCodec })
    }
    return left
  } catch (error) {
    if (error instanceof InvalidDagError || error instanceof LimitExceededError) return undefined
    throw error
  }
}

async function findPlaces (parts: StoreParts, cids: readonly CID[], keys: readonly string[]): Promise<(Place | undefined)[]> {
  const { fileSystem, index, paths } = parts
  const homes = await index.find(keys)
  const found = homes.map<Place | undefined>(home => {
    return home === undefined || home.place === 'elsewhere' ? undefined : { at: 'bundle', length: home.length }
  })
  await forEachConcurrent(cids.entries(), readConcurrency, async ([at, cid]) => {
    const path = paths.block(cid).file
    const file = await unlessDamaged(path, () => fileSystem.stat(path))
    if (file === undefined || 'what' in file || file.type !== 'file') return
    if (file.bytes === 0 ? matchesCid(cid, new Uint8Array(0)) : file.bytes <= blockBytesMax) found[at] = { at: 'file', length: file.bytes }
    else await removeUnlisted(parts, cid)
  })
  return found
}

/** From its own file, or from a bundle that has it too. */
async function load (parts: StoreParts, cid: CID): Promise<Uint8Array> {
  const { blocks, fileSystem, index, paths } = parts
  const path = paths.block(cid).file
  if (await index.hasFile(blockKey(cid))) return blocks.get(cid)
  const file = await unlessDamaged(path, () => fileSystem.stat(path))
  if (file === undefined) return blocks.get(cid)
  const length = 'what' in file ? 0 : file.bytes
  const read = 'what' in file ? file : await readBlock(parts, cid, { place: 'file', offset: 0, length, root: '' })
  if (read instanceof Uint8Array) return read
  await removeUnlisted(parts, cid)
  throw corruptBlock({ ...read, cid, roots: [] })
}

async function removeUnlisted ({ blockFiles, index, log }: StoreParts, cid: CID): Promise<void> {
  const isRemoved = await blockFiles.remove(cid, () => index.hasFile(blockKey(cid))).catch(() => false)
  if (isRemoved) log(`block ${cid.toString()} of a bundle that is not whole yet was damaged and is removed`)
}
