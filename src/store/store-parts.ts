import type { BlockFiles } from './block-files.ts'
import type { BlockIndex } from './block-index.ts'
import type { BundleFiles } from './bundle-files.ts'
import type { FileSystem } from './file-system.ts'
import type { RepositoryPaths } from './paths.ts'
import type { RecordFile } from './record-file.ts'
import type { RunningWork } from './running-work.ts'
import type { KeyedSlots, Slots } from './slots.ts'
import type { StoredBlocks } from './stored-blocks.ts'

/** What the verbs of an open store work on. */
export interface StoreParts {
  repositoryId: string
  fileSystem: FileSystem
  paths: RepositoryPaths
  index: BlockIndex
  blocks: StoredBlocks
  blockFiles: BlockFiles
  bundleFiles: BundleFiles
  /** Records of all listed bundles by the text of their root: access is decided from them, never from the disk. */
  records: Map<string, RecordFile>
  /** Roots of which the disk may say something else than this process does; only opening again clears it up. */
  doubtful: Set<string>
  /** Files that are written at the same time. */
  writes: Slots
  /** One change of a bundle at a time. */
  roots: KeyedSlots
  running: RunningWork
  log: (line: string) => void
}
