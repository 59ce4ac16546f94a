import type { CID } from 'multiformats/cid'
import { CorruptBlockError, InvalidDagError, NotStoredError } from '../errors.ts'
import { readConcurrency } from '../limits.ts'
import { blockKey } from './block-key.ts'
import type { BlockHome, BlockLocation } from './block-location.ts'
import { collectBlocks } from './collect-blocks.ts'
import type { IndexedBlock } from './index-changes.ts'
import { rootText } from './paths.ts'
import { encodeRecord } from './record-file.ts'
import type { RecordFile } from './record-file.ts'
import { forEachOf } from './slots.ts'
import type { StoreParts } from './store-parts.ts'

/**
 * Puts bundles into the index from their files. CARs come first, because the DAGs of other bundles go through them. Then those
 * are walked whose CAR does not have all of their blocks. Totals are not counted.
 */
export async function indexBundles (parts: StoreParts, records: readonly RecordFile[]): Promise<void> {
  const unfinished: RecordFile[] = []
  await forEachOf(records, readConcurrency, async record => {
    if (record.carBlocks === 0 || !await indexCar(parts, record)) unfinished.push(record)
  })
  for (const record of unfinished) await indexByWalk(parts, record)
}

/** True when the CAR has the whole bundle. */
async function indexCar ({ bundleFiles, index }: StoreParts, record: RecordFile): Promise<boolean> {
  const root = rootText(record.bundle.root)
  const blocks = (await bundleFiles.readCar(root))
    .map<IndexedBlock>(({ key, offset, bytes }) => ({ key, offset, length: bytes.byteLength, place: 'car' }))
  const isWhole = blocks.length === record.bundle.blocks
  await index.add(root, blocks, isWhole ? entryOf(record) : undefined)
  return isWhole
}

async function indexByWalk (parts: StoreParts, record: RecordFile): Promise<void> {
  const root = rootText(record.bundle.root)
  const blocks = await collectBlocks<BlockLocation>(record.bundle.root, {
    find: cids => findBlocks(parts, root, cids),
    load: cid => parts.blocks.has(cid).then(async isIndexed => isIndexed ? parts.blocks.get(cid) : loadFile(parts, cid)),
    onDamage: (cid, error) => {
      const isDamage = error instanceof CorruptBlockError || error instanceof NotStoredError || error instanceof InvalidDagError
      if (!isDamage) throw error
      parts.log(`bundle ${root} is damaged: ${error.message}`)
      return { place: 'elsewhere', offset: 0, length: 0 }
    }
  })
  await parts.index.add(root, blocks.map(({ key, found }) => ({ key, ...found })), entryOf(record))
}

async function findBlocks (parts: StoreParts, root: string, cids: readonly CID[]): Promise<(BlockLocation | undefined)[]> {
  const { fileSystem, index, paths } = parts
  const homes = await index.find(cids.map(blockKey))
  const found: (BlockLocation | undefined)[] = homes.map(home => home === undefined ? undefined : locationFor(root, home))
  await forEachOf(cids.entries(), readConcurrency, async ([at, cid]) => {
    if (found[at] !== undefined) return
    const file = await fileSystem.stat(paths.block(cid).file)
    if (file?.type === 'file') found[at] = { place: 'file', offset: 0, length: file.bytes }
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
  const file = await fileSystem.stat(paths.block(cid).file)
  return blocks.getFile(cid, file?.bytes ?? 0)
}

function entryOf (record: RecordFile): { record: Uint8Array, held: boolean } {
  return { record: encodeRecord(record), held: record.bundle.held }
}
