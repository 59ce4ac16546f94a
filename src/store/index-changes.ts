import { encodeHome } from './block-location.ts'
import type { BlockHome, BlockLocation } from './block-location.ts'
import type { IndexChange } from './index-database.ts'

/** A block of a bundle that is put into the index. */
export interface IndexedBlock extends BlockLocation {
  key: string
}

/** Bytes of blocks, each counted once. */
export interface IndexUsage {
  bytes: number
  heldBytes: number
}

/** Key of the version of the index' layout. */
export const schemaKey = '/meta/schema'

/** Key of the totals. */
export const usageKey = '/meta/usage'

/** What adding one block to a bundle changes, given where the block is already. */
export function changesToAddBlock (root: string, block: IndexedBlock, home: BlockHome | undefined): IndexChange[] {
  const { key, place, offset, length } = block
  const mine = { place, offset, length, root }
  if (home === undefined || home.root === root) {
    return [{ key: blockKeyOf(key), value: encodeHome({ ...mine, shared: home?.shared === true }) }]
  }
  const isLost = home.place === 'elsewhere' && place !== 'elsewhere'
  const [first, further] = isLost ? [mine, home] : [home, mine]
  const changes = [{ key: shareKeyOf(key, further.root), value: encodeHome({ ...further, shared: true }) }]
  if (isLost || !home.shared) changes.push({ key: blockKeyOf(key), value: encodeHome({ ...first, shared: true }) })
  return changes
}

/** Key of the first bundle that a block belongs to. */
export function blockKeyOf (key: string): string {
  return `/block/${key}`
}

/** Key of a further bundle that a block belongs to. */
export function shareKeyOf (key: string, root: string): string {
  return `/share/${key}/${root}`
}

/** What keeping the totals changes. */
export function usageChange (usage: IndexUsage): IndexChange {
  return { key: usageKey, value: Buffer.from(JSON.stringify(usage)) }
}

/** Reads the totals; zero when they are missing. */
export function decodeUsage (value: Uint8Array | undefined): IndexUsage {
  const usage: unknown = value === undefined ? undefined : JSON.parse(Buffer.from(value).toString())
  if (usage === null || typeof usage !== 'object' || !('bytes' in usage) || !('heldBytes' in usage)) return { bytes: 0, heldBytes: 0 }
  return { bytes: Number(usage.bytes), heldBytes: Number(usage.heldBytes) }
}
