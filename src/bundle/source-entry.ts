import type { AbortOptions } from '../interface/primitives.ts'
import type { FolderIdentity } from './listed-folder.ts'
import type { CID } from 'multiformats/cid'

/** Where a file was found below a folder on disk. */
export interface FoundFile {
  folder: string
  /** Which folder that was when it was listed. */
  identity: FolderIdentity
  name: string
}

/** A file that goes into a bundle. */
export interface SourceFile {
  type: 'file'
  path: string
  /** A piece is valid until the next one is asked for. */
  open: (options: AbortOptions) => AsyncIterable<Uint8Array>
  found?: FoundFile
}

/** Something that goes into a bundle, at its path from the bundle's root. */
export type SourceEntry =
  | { type: 'directory', path: string }
  | { type: 'link', path: string, cid: CID }
  | SourceFile
