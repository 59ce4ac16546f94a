import type { AbortOptions } from '../interface/primitives.ts'
import { packedBundleBytesMax } from '../limits.ts'
import type { BlockLocation } from './block-location.ts'
import { collectBlocks } from './collect-blocks.ts'
import type { CollectedBlock } from './collect-blocks.ts'
import type { CommitSource } from './commit-bundle.ts'
import { rootText } from './paths.ts'
import type { RecordFile } from './record-file.ts'
import { isIndexed, reindexRecord } from './reindex-bundle.ts'
import { freshBlock, repairCar, repairFiles, settle } from './repair-blocks.ts'
import type { StoreParts } from './store-parts.ts'

/** Where a block of the bundle is; undefined for one that is nowhere and was put. */
interface Found {
  length: number
  location: BlockLocation | undefined
}

/**
 * Makes a listed bundle whole again. What was damaged in its place is repaired by `repairStaged` before; here come the blocks
 * of which no place is known any more, because the index was made again while they were damaged, and what is below them.
 *
 * @throws {@link NotStoredError} when blocks are missing that were not put
 */
export async function repairBundle (parts: StoreParts, source: CommitSource, record: RecordFile,
  options: AbortOptions = {}): Promise<RecordFile> {
  const { damage, index } = parts
  const { root } = record.bundle
  const text = rootText(root)
  // What is below a block that was damaged may not be known.
  if (!await isIndexed(parts, text)) await reindexRecord(parts, record)
  if (!damage.isDamaged(text)) return record
  await source.settle()
  const blocks = await Array.fromAsync(collectBlocks<Found>(root, {
    find: (_, keys) => find(parts, source, text, keys),
    load: cid => source.get(cid, options)
  }, options))
  const lost = blocks.filter(({ found }) => found.location === undefined)
  const isSmall = record.carBlocks > 0 && carBytes(blocks) <= packedBundleBytesMax
  const place = isSmall ? 'car' : 'file'
  const list = (): Promise<void> =>
    index.add(text, blocks.map(({ key, found: { length, location } }) => ({ key, ...location ?? { place, offset: 0, length } })))
  await repairFiles(parts, source, isSmall ? [] : lost.map(({ cid }) => cid), list)
  if (isSmall) await repairCar(parts, text, await Promise.all(lost.map(({ key }) => freshBlock(source, stagedOf(source, key)))))
  if (lost.length > 0) await index.recount()
  for (const key of damage.ofRoot(text)) await settle(parts, key)
  return record
}

async function find ({ damage, index }: StoreParts, source: CommitSource, root: string,
  keys: readonly string[]): Promise<(Found | undefined)[]> {
  const homes = await index.find(keys)
  const places = await index.placesOf(root, keys)
  return keys.map((key, at) => {
    const home = homes[at]
    const isLost = home === undefined || home.place === 'elsewhere' || damage.has(key)
    if (!isLost) {
      const { place, offset, length } = places[at] ?? { place: home.place === 'file' ? 'file' : 'elsewhere', offset: 0, length: home.length }
      return { length: home.length, location: { place, offset, length } }
    }
    const block = source.staged(key)
    return block === undefined || block.place === 'store' ? undefined : { length: block.length, location: undefined }
  })
}

/** What the bundle's own CAR would have with the lost blocks in it. */
function carBytes (blocks: readonly CollectedBlock<Found>[]): number {
  return blocks.reduce((sum, { found: { length, location } }) => sum + (location === undefined || location.place === 'car' ? length : 0), 0)
}

function stagedOf (source: CommitSource, key: string): NonNullable<ReturnType<CommitSource['staged']>> {
  const block = source.staged(key)
  if (block === undefined) throw new Error(`block ${key} was put and is gone`)
  return block
}
