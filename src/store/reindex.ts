import type { CID } from 'multiformats/cid'
import { CorruptBlockError, InvalidDagError, NotStoredError } from '../errors.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { readConcurrency } from '../limits.ts'
import { blockKey } from './block-key.ts'
import type { BlockHome, BlockLocation } from './block-location.ts'
import { collectBlocks } from './collect-blocks.ts'
import type { IndexedBundle } from './block-index.ts'
import type { IndexedBlock } from './index-changes.ts'
import { rootText } from './paths.ts'
import { quarantineFile } from './quarantine.ts'
import { unlessDamaged } from './read-block.ts'
import { encodeRecord } from './record-file.ts'
import type { RecordFile } from './record-file.ts'
import type { StoreParts } from './store-parts.ts'

/**
 * Puts bundles into the index from their files. CARs come first, because the DAGs of other bundles go through them. Then those
 * are walked whose CAR does not have all of their blocks. Totals are not counted.
 */
export async function indexBundles (parts: StoreParts, records: readonly RecordFile[]): Promise<void> {
  const unfinished: RecordFile[] = []
  await forEachConcurrent(records, readConcurrency, async record => {
    if (record.carBlocks === 0 || !await indexCar(parts, record)) unfinished.push(record)
  })
  for (const record of unfinished) await indexByWalk(parts, record)
}

/** True when the CAR has the whole bundle. */
async function indexCar ({ bundleFiles, index, paths }: StoreParts, record: RecordFile): Promise<boolean> {
  const root = rootText(record.bundle.root)
  const read = await unlessDamaged(paths.car(root), () => bundleFiles.readCar(root))
  const blocks = (Array.isArray(read) ? read : [])
    .map<IndexedBlock>(({ key, offset, bytes }) => ({ key, offset, length: bytes.byteLength, place: 'car' }))
  const isWhole = blocks.length === record.bundle.blocks
  await index.add(root, blocks, isWhole ? entryOf(record) : undefined)
  return isWhole
}

async function indexByWalk (parts: StoreParts, record: RecordFile): Promise<void> {
  const root = rootText(record.bundle.root)
  const blocks = collectBlocks<BlockLocation>(record.bundle.root, {
    find: (cids, keys) => findBlocks(parts, { root, cids, keys }),
    load: cid => parts.blocks.has(cid).then(async isIndexed => isIndexed ? parts.blocks.get(cid) : loadFile(parts, cid)),
    onDamage: (cid, error, found) => {
      const isDamage = error instanceof CorruptBlockError || error instanceof NotStoredError || error instanceof InvalidDagError
      if (!isDamage) throw error
      const path = record.carBlocks > 0 ? parts.paths.car(root) : parts.paths.block(cid).file
      const { path: file = path, what = 'is missing' } = error.details
      parts.damage.add(blockKey(cid), { cid, path: String(file), what: String(what), roots: [root], cause: error })
      // A file that cannot be read now may be readable the next time.
      return found ?? { place: 'elsewhere', offset: 0, length: 0 }
    }
  })
  const found = await Array.fromAsync(blocks, ({ key, found }) => ({ key, ...found }))
  const isWhole = found.length >= record.bundle.blocks
  await parts.index.add(root, isWhole ? found : [...found, ...await knownBesides(parts, root, found)], entryOf(record))
}

/** Blocks that the index lists and that a walk did not come to, because something above them is damaged. */
async function knownBesides ({ index }: StoreParts, root: string, found: readonly IndexedBlock[]): Promise<IndexedBlock[]> {
  const isFound = new Set(found.map(({ key }) => key))
  const known: IndexedBlock[] = []
  for await (const part of index.blocksOf(root)) {
    const others = part.filter(({ key }) => !isFound.has(key))
    const places = await index.placesOf(root, others.map(({ key }) => key))
    known.push(...others.map(({ key, length }, at) => ({ place: 'elsewhere' as const, offset: 0, ...places[at], key, length })))
  }
  return known
}

async function findBlocks (
  parts: StoreParts, { root, cids, keys }: { root: string, cids: readonly CID[], keys: readonly string[] }
): Promise<(BlockLocation | undefined)[]> {
  const { fileSystem, index, paths } = parts
  const homes = await index.find(keys)
  const found: (BlockLocation | undefined)[] = homes.map(home => home === undefined ? undefined : locationFor(root, home))
  await forEachConcurrent(cids.entries(), readConcurrency, async ([at, cid]) => {
    // A block can be in the CAR of another bundle as well, which may go before this one does.
    if (found[at] !== undefined && found[at].place !== 'elsewhere') return
    const path = paths.block(cid).file
    const file = await unlessDamaged(path, () => fileSystem.stat(path))
    // What the system refuses to look at may be whole.
    if (file === undefined || 'what' in file) return
    if (file.type !== 'file') await quarantineFile(parts, path)
    else found[at] = { place: 'file', offset: 0, length: file.bytes }
  })
  return found
}

/** Where a block is for this bundle, when it is there for another. */
function locationFor (root: string, { place, offset, length, root: home }: BlockHome): BlockLocation | undefined {
  if (place === 'elsewhere') return undefined
  if (place === 'file' || home === root) return { place, offset, length }
  return { place: 'elsewhere', offset: 0, length }
}

async function loadFile ({ blocks, fileSystem, paths }: StoreParts, cid: CID): Promise<Uint8Array> {
  const path = paths.block(cid).file
  const file = await unlessDamaged(path, () => fileSystem.stat(path))
  return blocks.getFile(cid, file === undefined || 'what' in file ? 0 : file.bytes)
}

/** Totals are counted when all are in. */
function entryOf (record: RecordFile): IndexedBundle {
  return { record: encodeRecord(record), isKept: false }
}
