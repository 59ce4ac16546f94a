import type { KeyedSlots, Slots } from '../format/slots.ts'
import type { BlockFiles } from './block-files.ts'
import type { BlockIndex } from './block-index.ts'
import type { BundleFiles } from './bundle-files.ts'
import type { CarCache } from './car-cache.ts'
import type { Damage } from './damage.ts'
import type { FileSystem } from './file-system.ts'
import type { Keeps } from './keeps.ts'
import type { PartialRegistry } from './partial-registry.ts'
import type { RepositoryPaths } from './paths.ts'
import type { Records } from './records.ts'
import type { RunningWork } from './running-work.ts'
import type { Space } from './space.ts'
import type { StorageLimits } from './storage-limits.ts'
import type { StoredBlocks } from './stored-blocks.ts'
import type { Uses } from './uses.ts'

/** What the verbs of an open store work on. */
export interface StoreParts {
  repositoryId: string
  fileSystem: FileSystem
  paths: RepositoryPaths
  index: BlockIndex
  blocks: StoredBlocks
  blockFiles: BlockFiles
  cars: CarCache
  bundleFiles: BundleFiles
  /** Records of all listed bundles by the text of their root: access is decided from them, never from the disk. */
  records: Records
  /** Roots of which the disk may say something else than this process does; only opening again clears it up. */
  doubtful: Set<string>
  /** Roots whose blocks were indexed again since the repository was opened. */
  reindexed: Set<string>
  /** Roots with a record that cannot be read, and its revision: a new one must count as newer. */
  unreadable: Map<string, number>
  /** Blocks that are not what their CID says. */
  damage: Damage
  /** Bundles that somebody reads or builds on. */
  keeps: Keeps
  uses: Uses
  /** Bundles that are not whole yet. */
  partials: PartialRegistry
  limits: StorageLimits
  /** Such as `ext4`. */
  fileSystemType: string
  /** What is used of the quota. */
  space: Space
  /** Blocks for which the index counts in it, those of bundles that are being listed included. */
  listed: { blocks: number }
  /** Files that are written at the same time. */
  writes: Slots
  /** One change of a bundle at a time. */
  roots: KeyedSlots
  running: RunningWork
  /** Milliseconds since 1970. */
  clock: () => number
  log: (line: string) => void
}
