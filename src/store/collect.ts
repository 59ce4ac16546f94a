import type { CollectOptions, Collected } from '../interface/store.ts'
import { evictBundle, isEvictable } from './evict-bundle.ts'
import { isKept } from './holds.ts'
import type { SpaceAmount } from './space-request.ts'
import type { StoreParts } from './store-parts.ts'

/**
 * Removes what is left of interrupted fetches, and then bundles that nobody holds, each of them least recently used first and one
 * after the other, until so many bytes are gone or nothing may go any more. Everything else goes on meanwhile.
 */
export async function collect (parts: StoreParts, { bytes = Infinity, signal }: CollectOptions = {}): Promise<Collected> {
  const collected: Collected = { bundles: 0, bytes: 0, files: 0 }
  signal?.throwIfAborted()
  await settleKept(parts)
  for (let gone = await parts.partials.evictOldest(); gone !== undefined; gone = await parts.partials.evictOldest()) {
    collected.bytes += gone.bytes
    collected.files += gone.files
    if (collected.bytes >= bytes) break
    signal?.throwIfAborted()
  }
  const roots = [...parts.records.keys()].filter(root => isEvictable(parts, root))
  for (const root of roots.sort((a, b) => lastUse(parts, a) - lastUse(parts, b))) {
    if (collected.bytes >= bytes) break
    signal?.throwIfAborted()
    const evicted = await evict(parts, root)
    if (evicted === undefined) continue
    collected.bundles++
    collected.bytes += evicted.bytes
    collected.files += evicted.files
  }
  return collected
}

/** Removes what is left of one fetch, or else a bundle: the one that was used least recently. False when none may go. */
export async function makeRoom (parts: StoreParts): Promise<boolean> {
  if (await parts.partials.evictOldest() !== undefined) return true
  await settleKept(parts)
  const tried = new Set<string>()
  for (let root = oldest(parts, tried); root !== undefined; root = oldest(parts, tried)) {
    tried.add(root)
    if (await evict(parts, root) !== undefined) return true
  }
  return false
}

/** Counts as cache what was held until a time that has come. */
async function settleKept ({ clock, index, records }: StoreParts): Promise<void> {
  const now = clock()
  let changed = 0
  for (const [root, { bundle }] of [...records]) {
    if (index.isKept(root) === isKept(bundle, now)) continue
    await index.setKept(root, isKept(bundle, now))
    changed++
  }
  if (changed > 0) await index.settle(now)
}

/** A drive that refuses to remove one bundle may let others go. */
async function evict (parts: StoreParts, root: string): Promise<SpaceAmount | undefined> {
  try {
    return await evictBundle(parts, root)
  } catch (error) {
    parts.log(`bundle ${root} cannot be removed: ${String(error)}`)
    return undefined
  }
}

function oldest (parts: StoreParts, except: ReadonlySet<string>): string | undefined {
  let found: { root: string, at: number } | undefined
  for (const root of parts.records.keys()) {
    const at = lastUse(parts, root)
    if ((found === undefined || at < found.at) && !except.has(root) && isEvictable(parts, root)) found = { root, at }
  }
  return found?.root
}

function lastUse ({ records, uses }: StoreParts, root: string): number {
  return uses.last(root) ?? records.get(root)?.bundle.storedAt ?? 0
}
