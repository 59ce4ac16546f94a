import { join } from 'node:path'
import type { CID } from 'multiformats/cid'
import { forEachConcurrent } from '../format/concurrent.ts'
import { readConcurrency } from '../limits.ts'
import { blockKey } from './block-key.ts'
import { parseBlockFileName } from './paths.ts'
import type { StoreParts } from './store-parts.ts'

/**
 * Removes block files that belong to no bundle, and that nobody counts on. False when nothing is removed, because a bundle has
 * blocks that the index does not know: they may be among them.
 */
export async function sweepBlockFiles (parts: StoreParts): Promise<boolean> {
  if (parts.unreadable.size > 0 || !await knowsAllBlocks(parts)) return false
  const { fileSystem, paths } = parts
  for (const shard of await fileSystem.list(paths.blocks)) {
    const directory = join(paths.blocks, shard)
    if ((await fileSystem.stat(directory))?.type !== 'directory') continue
    await sweepDirectory(parts, directory)
  }
  return true
}

async function knowsAllBlocks ({ index, log, records }: StoreParts): Promise<boolean> {
  for (const [root, { bundle }] of records) {
    let blocks = 0
    let lost = 0
    for await (const part of index.blocksOf(root)) {
      blocks += part.length
      lost += (await index.find(part.map(({ key }) => key))).filter(home => home === undefined || home.place === 'elsewhere').length
    }
    if (blocks >= bundle.blocks && lost === 0) continue
    log(`no block files are removed, because bundle ${root} is damaged`)
    return false
  }
  return true
}

async function sweepDirectory ({ blockFiles, fileSystem, index, log, paths }: StoreParts, directory: string): Promise<void> {
  const cids = (await fileSystem.list(directory)).map(parseBlockFileName).filter((cid): cid is CID => cid !== undefined)
  const homes = await index.find(cids.map(blockKey))
  const unlisted: CID[] = []
  for (const [at, cid] of cids.entries()) {
    // A block that is only linked may be here although the index does not say so.
    if (homes[at]?.place !== 'elsewhere' && !blockFiles.isClaimed(cid) && !await index.hasFile(blockKey(cid))) unlisted.push(cid)
  }
  await forEachConcurrent(unlisted, readConcurrency, cid => fileSystem.remove(paths.block(cid).file))
  if (unlisted.length > 0) log(`${unlisted.length} blocks in ${directory} belonged to no bundle and are removed`)
}
