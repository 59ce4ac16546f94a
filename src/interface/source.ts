import type { Reference } from './primitives.ts'

/**
 * A file that goes into a bundle. `name` is its path inside the bundle's folder for such files, with `/` between
 * directories. A `path` that is a directory goes in with everything below it.
 */
export type FileSource =
  | { name: string, path: string }
  | { name: string, text: string }
  | { name: string, bytes: Uint8Array }
  | { name: string, stream: AsyncIterable<Uint8Array> }
  /** Links what this node already holds: no bytes are copied and the root is the same as if they had been. */
  | { name: string, cid: Reference }
