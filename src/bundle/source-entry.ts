import type { AbortOptions } from '../interface/primitives.ts'
import type { CID } from 'multiformats/cid'

/** A file that goes into a bundle. */
export interface SourceFile {
  type: 'file'
  path: string
  /** A piece is valid until the next one is asked for. */
  open: (options: AbortOptions) => AsyncIterable<Uint8Array>
  /** Where it is, when it was found below a folder on disk. */
  found?: { folder: string, name: string }
}

/** Something that goes into a bundle, at its path from the bundle's root. */
export type SourceEntry =
  | { type: 'directory', path: string }
  | { type: 'link', path: string, cid: CID }
  | SourceFile
