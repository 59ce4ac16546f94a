import type { CID } from 'multiformats/cid'
import { CorruptBlockError, InvalidDagError, LimitExceededError, NotStoredError } from '../errors.ts'
import { rawCodec } from '../format/dag-links.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader } from '../interface/store.ts'
import { collectBlocks } from './collect-blocks.ts'

/**
 * CIDs of a bundle's blocks that are not raw, by key: files are named by the bytes alone, and so is what the index knows. Blocks
 * below a damaged one are not found.
 */
export async function innerCidsOf (root: CID, blocks: Pick<BlockReader, 'get'>, options: AbortOptions = {}): Promise<Map<string, CID>> {
  const names = new Map<string, CID>()
  const collected = collectBlocks<true>(root, {
    find: async cids => cids.map(() => true as const),
    load: cid => blocks.get(cid, options),
    onDamage: (_, error) => {
      if (!isDamage(error)) throw error
      return true
    }
  }, options)
  for await (const { cid, key } of collected) if (cid.code !== rawCodec) names.set(key, cid)
  return names
}

function isDamage (error: unknown): boolean {
  return error instanceof CorruptBlockError || error instanceof NotStoredError || error instanceof InvalidDagError ||
    error instanceof LimitExceededError
}
