/**
 * The order in which a bundle goes, so that a crash at any moment leaves it complete or not listed:
 *
 * 1. blocks of its CAR that others link get files of their own, with their names on the drive
 * 2. a mark says that there may be block files that no record lists
 * 3. the record goes; when block files are to follow, that is on the drive before they do
 * 4. the index, and each block file as soon as no bundle has the block
 * 5. the CAR and the mark
 *
 * A record without its CAR lists nothing, so that a bundle that is a CAR alone needs no sync.
 */
import type { CID } from 'multiformats/cid'
import { CorruptBlockError } from '../errors.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { removeConcurrency } from '../limits.ts'
import { blockKey, cidOfKey } from './block-key.ts'
import { ClaimedFiles } from './claimed-files.ts'
import type { RemovedBlock } from './index-changes.ts'
import { isKept } from './holds.ts'
import { giveListing } from './listing-charge.ts'
import { clearQuarantine } from './quarantine.ts'
import type { RecordFile } from './record-file.ts'
import type { SpaceAmount } from './space-request.ts'
import type { StoreParts } from './store-parts.ts'
import { UnlistedMark } from './unlisted-mark.ts'
import type { Mark } from './unlisted-mark.ts'

/** True when a bundle may be removed now. */
export function isEvictable ({ clock, doubtful, keeps, records, roots }: StoreParts, root: string): boolean {
  const record = records.get(root)
  if (record === undefined || keeps.has(root) || roots.usedBy(root) > 0 || doubtful.has(root)) return false
  return !isKept(record.bundle, clock())
}

/**
 * Removes a bundle. Undefined when it may not go, or is gone already.
 *
 * @throws {@link StorageError} when the file system refuses; then the bundle is still there
 */
export async function evictBundle (parts: StoreParts, root: string): Promise<SpaceAmount | undefined> {
  if (!isEvictable(parts, root)) return undefined
  const record = parts.records.get(root)
  if (record === undefined) return undefined
  // Asked and done in one step: from here on nobody finds it, and whoever waits for it waits for its end.
  parts.records.delete(root)
  return parts.running.follow(() => parts.roots.run(root, async () => {
    try {
      await handOver(parts, root, record)
      const mark = await placeMark(parts, record)
      await unlist(parts, root, record)
      parts.uses.forget(root)
      return await removeFiles(parts, root, record, mark)
    } catch (error) {
      // The mark stays: a record can be gone although its removal was refused.
      parts.records.set(root, record)
      throw error
    }
  }))
}

/** Blocks that others link, and that are in no file but this CAR. */
async function handOver (parts: StoreParts, root: string, { carBlocks }: RecordFile): Promise<void> {
  const { blocks, blockFiles, fileSystem, index, paths } = parts
  if (carBlocks === 0) return
  const cids: CID[] = []
  for await (const listed of index.blocksOf(root)) {
    const homes = await index.find(listed.map(({ key }) => key))
    for (const [at, { key }] of listed.entries()) {
      const home = homes[at]
      if (home?.root !== root || home.place !== 'car' || !home.shared) continue
      const heir = await index.heir(key, root)
      if (heir?.place === 'elsewhere') cids.push(cidOfKey(key))
    }
  }
  if (cids.length === 0) return
  const written: CID[] = []
  const files = new ClaimedFiles(parts)
  try {
    await forEachConcurrent(cids, removeConcurrency, async cid => {
      const bytes = await unlessCorrupt(blocks.get(cid))
      if (bytes === undefined) return
      written.push(cid)
      await files.write(cid, bytes, { essential: true })
    })
    const directories = blockFiles.directoriesOf(written).add(paths.blocks)
    await forEachConcurrent(directories, removeConcurrency, directory => fileSystem.syncDirectory(directory))
    await index.moveToFiles(written.map(blockKey))
  } finally {
    await files.release()
  }
}

/** Undefined for a block that is damaged: it is lost to the others already, and they wait for it to come again. */
async function unlessCorrupt (bytes: Promise<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return await bytes
  } catch (error) {
    if (error instanceof CorruptBlockError) return undefined
    throw error
  }
}

/** Only block files need one: what else is left says itself that it belongs to nothing. */
async function placeMark (parts: StoreParts, { bundle, carBlocks }: RecordFile): Promise<Mark | undefined> {
  if (carBlocks === bundle.blocks) return undefined
  const mark = new UnlistedMark(parts, { essential: true })
  await mark.place()
  return mark
}

async function unlist ({ bundleFiles, log }: StoreParts, root: string,
  { revision, stale, carBlocks }: RecordFile): Promise<void> {
  // One of these would come back as the bundle's record.
  for (const older of stale ?? []) await bundleFiles.removeRecord(root, older)
  await bundleFiles.removeRecord(root, revision)
  if (carBlocks > 0) return
  await bundleFiles.syncNames().catch((error: unknown) => {
    log(`bundle ${root} may be listed again after a power cut: ${String(error)}`)
  })
}

async function removeFiles (parts: StoreParts, root: string, { bundle, carBlocks }: RecordFile,
  mark: Mark | undefined): Promise<SpaceAmount> {
  const { bundleFiles, cars, damage, index, log } = parts
  const gone: SpaceAmount = { bytes: 0, files: 1 }
  let blocks = 0
  try {
    for await (const removed of index.remove(root)) {
      blocks += removed.length
      for (const { isLast, length } of removed) gone.bytes += isLast ? length : 0
      gone.files += await removeBlockFiles(parts, removed)
    }
    giveListing(parts, bundle.blocks)
    for (const { path } of damage.leave(root)) await clearQuarantine(parts, path)
    cars.forget(root)
    if (carBlocks > 0) {
      await bundleFiles.removeCar(root)
      gone.files++
    }
    // Of a damaged bundle the index may not know all blocks: the mark stays for the files of the others.
    if (blocks >= bundle.blocks) await mark?.remove()
  } catch (error) {
    log(`files of the removed bundle ${root} stay until the repository is opened again: ${String(error)}`)
  }
  return gone
}

async function removeBlockFiles ({ blockFiles, index }: StoreParts, removed: readonly RemovedBlock[]): Promise<number> {
  let files = 0
  // Those that were only linked may have a file since the bundle that had them went.
  const withFiles = removed.filter(({ place, isLast }) => place === 'file' || (place === 'elsewhere' && isLast))
  await forEachConcurrent(withFiles, removeConcurrency, async ({ key }) => {
    if (await blockFiles.remove(cidOfKey(key), () => index.hasFile(key))) files++
  })
  return files
}
