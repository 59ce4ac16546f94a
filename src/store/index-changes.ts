import { encodeHome } from './block-location.ts'
import type { BlockHome, BlockLocation, BlockPlace, ListedBlock } from './block-location.ts'
import type { IndexChange } from './index-database.ts'

/** A block of a bundle that is put into the index. */
export interface IndexedBlock extends BlockLocation {
  key: string
}

/** A block of a bundle that was removed. */
export interface RemovedBlock extends ListedBlock {
  /** Where it was for that bundle. */
  place: BlockPlace
  /** True when no other bundle has it. */
  isLast: boolean
}

/** Bytes of blocks, each counted once. */
export interface IndexUsage {
  bytes: number
  /** Of bundles that may not be collected, as it was at this time: holds end. */
  keptBytes: number
  /** Milliseconds since 1970. */
  at: number
}

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

/**
 * What taking one block from a bundle changes, given where the block is and the bundle that gets it when this one was its first.
 * A file stays for the others; the part of a CAR goes with its bundle.
 */
export function changesToRemoveBlock (root: string, key: string, home: BlockHome, heir: BlockHome | undefined): IndexChange[] {
  const forget = { key: shareKeyOf(key, root) }
  if (home.root !== root) return [forget]
  if (heir === undefined) return [forget, { key: blockKeyOf(key) }]
  const place = heir.place === 'elsewhere' && home.place === 'file' ? { place: home.place, offset: 0 } : {}
  // Whoever only links it may not know how long it is.
  const length = Math.max(home.length, heir.length)
  return [forget, { key: shareKeyOf(key, heir.root) }, { key: blockKeyOf(key), value: encodeHome({ ...heir, ...place, length }) }]
}

/** Key of the first bundle that a block belongs to. */
export function blockKeyOf (key: string): string {
  return `/block/${key}`
}

/** Key of a further bundle that a block belongs to. */
export function shareKeyOf (key: string, root: string): string {
  return `/share/${key}/${root}`
}

/** Key of a note. */
export function metaKeyOf (name: string): string {
  return `/meta/${name}`
}

/** What keeping the totals changes. */
export function usageChange (usage: IndexUsage): IndexChange {
  return { key: metaKeyOf('usage'), value: Buffer.from(JSON.stringify(usage)) }
}

/** Reads the totals; zero when they are missing. */
export function decodeUsage (value: Uint8Array | undefined): IndexUsage {
  const usage: unknown = value === undefined ? undefined : JSON.parse(Buffer.from(value).toString())
  if (usage === null || typeof usage !== 'object' || !('bytes' in usage) || !('keptBytes' in usage) || !('at' in usage)) {
    return { bytes: 0, keptBytes: 0, at: 0 }
  }
  return { bytes: Number(usage.bytes), keptBytes: Number(usage.keptBytes), at: Number(usage.at) }
}
