import { publishBundle } from '../bundle/publish.ts'
import { readManifest } from '../bundle/read-manifest.ts'
import { openRoot, walkTree } from '../bundle/tree.ts'
import { readerOf } from '../bundle/dag-reader.ts'
import { Slots } from '../format/slots.ts'
import { datasetEntriesMax, trailPublishShare } from '../limits.ts'
import { defaultOwner, withoutHold } from '../store/holds.ts'
import { trailBundleInit } from './trail-bundle.ts'
import type { PublishComponents } from '../bundle/publish.ts'
import type { SeenCheckpoint } from '../format/seen-checkpoint.ts'
import type { NamedVersion } from '../interface/dataset-trail.ts'
import type { TrailManifest } from '../interface/manifest.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { StoredBundle } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'
import type { BundledTrail } from './trail-bundle.ts'

/** A trail that was published, and the checkpoint that it has. */
export interface PublishedTrail {
  root: CID
  size: number
  seen: SeenCheckpoint
  /** When it was, in milliseconds of any clock that only goes on, and how long that took. */
  at: number
  tookMs: number
}

/** What publishing a trail needs. */
export interface TrailBundlesComponents extends PublishComponents {
  now: () => number
  /** The versions of datasets that it is to name; none by default. */
  named?: (() => Promise<readonly NamedVersion[]>) | undefined
}

/** Publishes the trail of a node; the newest bundle takes the place of those before it. */
export class TrailBundles {
  readonly #components: TrailBundlesComponents
  readonly #turns = new Slots(1)
  #newest: PublishedTrail | undefined

  constructor (components: TrailBundlesComponents) {
    this.#components = components
  }

  /** Publishes the trail as it is now. Throws as `publishBundle` does. */
  async publish (trail: BundledTrail, options: AbortOptions = {}): Promise<PublishedTrail> {
    return await this.#turns.run(async () => await this.#publish(trail, options), options)
  }

  /** What was published last, or now, when that has more entries and does not take more than its share of the time. */
  async newest (trail: BundledTrail, options: AbortOptions = {}): Promise<PublishedTrail> {
    return await this.#turns.run(async () => {
      const newest = this.#newest
      const isStored = newest !== undefined && this.#components.store.record(newest.root) !== undefined
      if (!isStored) return await this.#publish(trail, options)
      const isEarly = this.#components.now() - newest.at < newest.tookMs * trailPublishShare
      return newest.size === trail.size || isEarly ? newest : await this.#publish(trail, options)
    }, options)
  }

  async #publish (trail: BundledTrail, options: AbortOptions): Promise<PublishedTrail> {
    const startedAt = this.#components.now()
    const { auditKey, checkpoint: note, size } = trail
    const earlier = this.#earlier()
    const stored = await this.#stored(earlier[0], auditKey.origin, options)
    const init = trailBundleInit(trail, stored, await this.#components.named?.())
    using kept = await publishBundle(this.#components, init, options)
    const { root } = kept.stored
    for (const bundle of earlier) if (!bundle.root.equals(root)) await this.#letGo(bundle)
    const at = this.#components.now()
    this.#newest = { root, size, seen: { auditKey, note }, at, tookMs: at - startedAt }
    return this.#newest
  }

  /** Those that are held already, the newest first. */
  #earlier (): StoredBundle[] {
    return [...this.#components.store.records()]
      .filter(({ kind, origin, holds }) => kind === 'trail' && origin === 'published' && holds.some(({ owner }) => owner === defaultOwner))
      .sort((a, b) => b.storedAt - a.storedAt)
  }

  async #letGo ({ root }: StoredBundle): Promise<void> {
    await this.#components.store.update(root, ({ holds }) => ({ holds: withoutHold(holds, defaultOwner) }))
  }

  async #stored (bundle: StoredBundle | undefined, origin: string, options: AbortOptions): Promise<Map<string, CID>> {
    const files = new Map<string, CID>()
    if (bundle === undefined) return files
    const reader = readerOf(this.#components.store.reader(bundle.root))
    const root = await openRoot(reader, { cid: bundle.root }, options)
    const manifest = root.type === 'file' ? undefined : await readManifest(reader, root, options)
    if (root.type === 'file' || manifest?.kind !== 'trail' || (manifest as TrailManifest).origin !== origin) return files
    for await (const entry of walkTree(reader, root, { ...options, entriesMax: datasetEntriesMax })) {
      if (entry.type === 'file') files.set(entry.path, entry.cid)
    }
    return files
  }
}
