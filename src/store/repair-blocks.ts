/**
 * Writes damaged blocks anew, each in the place where it was. A block that belongs to several bundles is whole again for all.
 */
import type { CID } from 'multiformats/cid'
import { forEachConcurrent } from '../format/concurrent.ts'
import { carCacheBytesMax, writeConcurrency } from '../limits.ts'
import { blockKey, cidOfKey, matchesCid } from './block-key.ts'
import type { BlockLocation } from './block-location.ts'
import { innerCidsOf } from './block-names.ts'
import { layOutCar } from './bundle-files.ts'
import { ClaimedFiles } from './claimed-files.ts'
import type { CommitSource } from './commit-bundle.ts'
import type { IndexedBlock } from './index-changes.ts'
import { placeFile } from './place-file.ts'
import { clearQuarantine, quarantineFile } from './quarantine.ts'
import { readBlock, unlessDamaged } from './read-block.ts'
import type { StagedBlock } from './staged-table.ts'
import type { StoreParts } from './store-parts.ts'

/** A block that is at hand. */
export interface FreshBlock {
  cid: CID
  bytes: Uint8Array
}

/** A block that is to be in a CAR. */
interface CarBlock {
  cid: CID
  key: string
  bytes: Uint8Array
}

/**
 * Repairs what is damaged and was put, whichever bundles it belongs to. Must not be called by work on one bundle, because it
 * may have to wait for work on others.
 */
export async function repairStaged (parts: StoreParts, source: CommitSource): Promise<void> {
  const { damage, index, roots } = parts
  const keys = damage.keys().filter(key => (source.staged(key)?.place ?? 'store') !== 'store')
  if (keys.length === 0) return
  await source.settle()
  const homes = await index.find(keys)
  const files: CID[] = []
  const lengths = new Map<string, number>()
  const cars = new Map<string, Readonly<StagedBlock>[]>()
  for (const [at, key] of keys.entries()) {
    const home = homes[at]
    const block = source.staged(key)
    if (home === undefined || block === undefined) {
      await settle(parts, key)
    } else if (home.place === 'file') {
      files.push(block.cid)
      if (home.length !== block.length) lengths.set(key, block.length)
    } else if (home.place === 'car') {
      cars.set(home.root, [...cars.get(home.root) ?? [], block])
    }
  }
  await repairFiles(parts, source, files, () => correctLengths(parts, lengths))
  for (const [root, blocks] of cars) {
    const fresh = await Promise.all(blocks.map(block => freshBlock(source, block)))
    await roots.run(root, () => repairCar(parts, root, fresh))
  }
}

/** Takes what was put and is stored now from the list of what is damaged: a new bundle brings blocks that were lost to others. */
export async function settleStaged ({ blocks, damage }: StoreParts, source: CommitSource): Promise<void> {
  for (const key of damage.keys()) {
    const block = source.staged(key)
    // What is still damaged stays in the list.
    if (block !== undefined) await blocks.examine(block.cid).catch(() => {})
  }
}

/** Gives blocks that were put files of their own, with their names on the drive, and then calls `list`. */
export async function repairFiles (parts: StoreParts, source: CommitSource, cids: readonly CID[],
  list: () => Promise<void> = async () => {}): Promise<void> {
  const { blockFiles, damage, fileSystem, paths } = parts
  const written: CID[] = []
  const files = new ClaimedFiles(parts)
  try {
    await forEachConcurrent(cids, writeConcurrency, cid => damage.locks.run(paths.block(cid).file, async () => {
      const block = source.staged(blockKey(cid))
      if (block === undefined) return
      const { bytes } = await freshBlock(source, block)
      written.push(cid)
      await writeBlockFile(parts, files, cid, bytes)
    }))
    const directories = written.length === 0 ? [] : blockFiles.directoriesOf(written).add(paths.blocks)
    await forEachConcurrent(directories, writeConcurrency, directory => fileSystem.syncDirectory(directory))
    await list()
    await forEachConcurrent(written, writeConcurrency, cid => settle(parts, blockKey(cid)))
  } finally {
    await files.release()
  }
}

/** Writes the CAR of a bundle again, from what is good of it and from these blocks. Must be called by work on this bundle. */
export async function repairCar (parts: StoreParts, root: string, fresh: readonly FreshBlock[]): Promise<void> {
  const { bundleFiles, cars, damage, fileSystem, index, paths, records } = parts
  const record = records.get(root)
  if (record === undefined) return
  const path = paths.car(root)
  const byKey = new Map(fresh.map(block => [blockKey(block.cid), block]))
  const get = async (cid: CID): Promise<Uint8Array> => byKey.get(blockKey(cid))?.bytes ?? parts.blocks.get(cid)
  const names = await innerCidsOf(record.bundle.root, { get })
  await damage.locks.run(path, async () => {
    const listed = await listedBlocks(parts, root)
    const inCar = listed.filter(({ place }) => place === 'car')
    const blocks = await carBlocks(parts, root, inCar, key => byKey.get(key) ?? { cid: names.get(key) ?? cidOfKey(key) })
    const { chunks, placed } = layOutCar(record.bundle.root, blocks)
    const found = await fileSystem.stat(path).catch(() => undefined)
    if (found?.type === 'directory') await quarantineFile(parts, path)
    await bundleFiles.placeCar(root, chunks)
    await bundleFiles.syncNames()
    cars.forget(root)
    const moved = movedBlocks(listed, placed.map(({ key, offset, bytes }) => ({ key, place: 'car', offset, length: bytes.byteLength })))
    if (moved !== undefined) await index.add(root, moved)
    await forEachConcurrent(fresh, writeConcurrency, ({ cid }) => settle(parts, blockKey(cid)))
    await clearQuarantine(parts, path)
  })
}

/** The bytes of a block that was put. */
export async function freshBlock (source: CommitSource, { cid, bytes }: Readonly<StagedBlock>): Promise<FreshBlock> {
  return { cid, bytes: bytes ?? await source.get(cid) }
}

/** Takes a block from the list of those that are damaged. */
export async function settle (parts: StoreParts, key: string): Promise<void> {
  const block = parts.damage.get(key)
  if (block === undefined) return
  if (block.path === parts.paths.block(block.cid).file) await clearQuarantine(parts, block.path)
  parts.damage.repaired(key)
}

/** Claims the file as well: it goes with the claim when its bundle is gone by then. */
async function writeBlockFile (parts: StoreParts, files: ClaimedFiles, cid: CID, bytes: Uint8Array): Promise<void> {
  const { fileSystem, paths } = parts
  await files.write(cid, bytes)
  const read = await readBlock(parts, cid, { place: 'file', offset: 0, length: bytes.byteLength, root: '' })
  if (read instanceof Uint8Array) return
  // Somebody wrote it before, and counts on it, and it was damaged since.
  await quarantineFile(parts, paths.block(cid).file)
  await placeFile(fileSystem, paths, paths.block(cid).file, [bytes], { sync: true })
}

/** An index that was made again while a file was damaged has its length from that file. */
async function correctLengths (parts: StoreParts, lengths: ReadonlyMap<string, number>): Promise<void> {
  if (lengths.size === 0) return
  const { index, roots } = parts
  const owners = new Set<string>()
  for (const key of lengths.keys()) for (const owner of await index.ownersOf(key)) owners.add(owner)
  for (const owner of owners) {
    await roots.run(owner, async () => {
      if (!parts.records.has(owner)) return
      const listed = await listedBlocks(parts, owner)
      await index.add(owner, listed.map(block => ({ ...block, length: lengths.get(block.key) ?? block.length })))
    })
  }
  // Blocks have other lengths than the totals knew.
  await index.recount()
}

async function listedBlocks ({ index }: StoreParts, root: string): Promise<IndexedBlock[]> {
  const blocks: IndexedBlock[] = []
  for await (const part of index.blocksOf(root)) {
    const places = await index.placesOf(root, part.map(({ key }) => key))
    for (const [at, { key, length }] of part.entries()) {
      const { place, offset }: Pick<BlockLocation, 'place' | 'offset'> = places[at] ?? { place: 'elsewhere', offset: 0 }
      blocks.push({ key, length: places[at]?.length ?? length, place, offset })
    }
  }
  return blocks
}

/** What there is of these blocks, in this order. */
async function carBlocks (parts: StoreParts, root: string, listed: readonly IndexedBlock[],
  known: (key: string) => { cid: CID, bytes?: Uint8Array }): Promise<CarBlock[]> {
  const { bundleFiles, fileSystem, paths } = parts
  const path = paths.car(root)
  const file = await unlessDamaged(path, () => fileSystem.readFile(path, { offset: 0, length: carCacheBytesMax }))
  const decoded = file instanceof Uint8Array ? await bundleFiles.readCar(root) : []
  const sections = new Map(decoded.map(({ key, bytes }) => [key, bytes]))
  return listed.flatMap(({ key, offset, length }) => {
    const { cid, bytes: fresh } = known(key)
    const slice = file instanceof Uint8Array ? file.subarray(offset, offset + length) : undefined
    const bytes = [fresh, sections.get(key), slice].find(bytes => bytes !== undefined && matchesCid(cid, bytes))
    return bytes === undefined ? [] : [{ cid, key, bytes }]
  })
}

/** The list as it is now; undefined when nothing of it changed. */
function movedBlocks (listed: readonly IndexedBlock[], placed: readonly IndexedBlock[]): IndexedBlock[] | undefined {
  const now = new Map(placed.map(block => [block.key, block]))
  const isSame = (block: IndexedBlock): boolean => {
    const { place, offset, length } = now.get(block.key) ?? block
    return place === block.place && offset === block.offset && length === block.length
  }
  return listed.every(isSame) ? undefined : listed.map(block => now.get(block.key) ?? block)
}
