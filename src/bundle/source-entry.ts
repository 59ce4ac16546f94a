import type { AbortOptions } from '../interface/primitives.ts'
import type { CID } from 'multiformats/cid'

/** Something that goes into a bundle, at its path from the bundle's root. */
export type SourceEntry =
  | { type: 'directory', path: string }
  | { type: 'link', path: string, cid: CID }
  /** A piece is valid until the next one is asked for. */
  | { type: 'file', path: string, open: (options: AbortOptions) => AsyncIterable<Uint8Array> }
