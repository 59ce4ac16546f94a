import type { Readers } from './bundle.ts'
import type { DatasetVersion } from './dataset-version.ts'
import type { FetchOptions } from './options.ts'
import type { AbortOptions } from './primitives.ts'

/** How to mirror a dataset. */
export interface MirrorOptions extends Omit<FetchOptions, 'hold'> {
  /**
   * How many versions, the newest ones: `'all'`, which is the default, `'latest'` or a number. What is no longer among them
   * is let go.
   */
  versions?: 'all' | 'latest' | number
  /** Milliseconds between looks for new versions; a minute by default. */
  intervalMs?: number
  /** Who may fetch it from this node; by default whoever the publisher lets read it. */
  readers?: Readers
  /** Called with each version once it is held. What it throws is ignored. */
  onVersion?: (version: DatasetVersion) => void
}

/**
 * A dataset that this node holds and serves, and whose new versions it fetches until it is stopped. What is held stays when
 * it is stopped, and when the node is: mirroring it again goes on from there.
 */
export interface DatasetMirror extends AsyncDisposable {
  /** `0xabc…/name`. */
  readonly name: string
  /** Versions that it holds, the newest first. */
  readonly versions: readonly DatasetVersion[]
  /** Why the last look for new versions failed; undefined when it did not. It is tried again. */
  readonly problem: Error | undefined
  /**
   * Looks for new versions now, and resolves when they are held.
   *
   * @returns those that were not held before
   * @throws {@link UnavailableError} when nobody who is asked has the dataset
   * @throws {@link EquivocationError} when the publisher signed two versions in one place: what is held stays, and none of
   *   both is fetched
   */
  update(options?: AbortOptions): Promise<readonly DatasetVersion[]>
  /** Ends the looking; what is held stays until it is released. */
  stop(): Promise<void>
}
