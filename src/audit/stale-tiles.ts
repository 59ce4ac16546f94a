/** Files that no checkpoint needs: partial tiles of smaller trees, and what an append left that did not come to its end. */
import { posix } from 'node:path'
import { formatTilePath } from '../format/tlog-tile.ts'
import { tileHashes, trailBatchMax } from '../limits.ts'
import { partialTiles } from './tree-edge.ts'
import type { TileName } from '../format/tlog-tile.ts'
import type { DurableFiles } from '../interface/store.ts'

type Files = Pick<DurableFiles, 'list' | 'remove'>

/** Tiles that one append can begin on a level. */
const reach = Math.ceil(trailBatchMax / tileHashes) + 1

/** Removes the partial tiles that a tree had and a larger one has not. Never rejects: they take a little room, and no more. */
export async function removePartials (files: Files, { before, after }: { before: number, after: number },
  log: (line: string) => void): Promise<void> {
  const stay = new Set(partialsOf(after).map(formatTilePath))
  try {
    for (const tile of partialsOf(before)) {
      const path = formatTilePath(tile)
      if (stay.has(path)) continue
      await files.remove(path)
      const isFull = partialsOf(after).every(({ level, index }) => level !== tile.level || index !== tile.index)
      if (isFull) await files.remove(posix.dirname(path))
    }
  } catch (error) {
    log(`tiles that the audit trail does not need any more are still there: ${String(error)}`)
  }
}

/**
 * Removes the files that an append can have left which did not come to its end, before or after its checkpoint had its name:
 * around the last tile of each level. Never rejects: nobody reads them.
 */
export async function cutBeyond (files: Files, size: number, log: (line: string) => void): Promise<void> {
  try {
    for (let level = 0; (size + trailBatchMax) / tileHashes ** level >= 1; level++) {
      await cutLevel(files, level, Math.floor(size / tileHashes ** level))
    }
    await cutLevel(files, 'entries', size)
  } catch (error) {
    log(`what an append left unfinished in the audit trail is still there: ${String(error)}`)
  }
}

async function cutLevel (files: Files, level: TileName['level'], hashes: number): Promise<void> {
  const last = Math.floor(hashes / tileHashes)
  const listed = new Map<string, ReadonlySet<string>>()
  for (let index = Math.max(last - reach, 0); index <= last + reach; index++) {
    const path = formatTilePath({ level, index, width: tileHashes })
    const { dir, base } = posix.parse(path)
    const names = listed.get(dir) ?? new Set(await files.list(dir))
    listed.set(dir, names)
    if (index >= last && names.has(base)) await files.remove(path)
    if (names.has(`${base}.p`)) await cutPartials(files, `${path}.p`, index === last ? String(hashes % tileHashes) : undefined)
  }
}

async function cutPartials (files: Files, directory: string, keep: string | undefined): Promise<void> {
  const names = await files.list(directory)
  for (const name of names) if (name !== keep) await files.remove(posix.join(directory, name))
  if (keep === undefined || !names.includes(keep)) await files.remove(directory)
}

function partialsOf (size: number): TileName[] {
  const tiles = [...partialTiles(size)].filter(({ width }) => width > 0)
  return tiles.flatMap(tile => tile.level === 0 ? [tile, { ...tile, level: 'entries' as const }] : [tile])
}
