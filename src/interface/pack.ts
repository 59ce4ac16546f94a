import type { CID } from 'multiformats/cid'

/** A `Blob` of a browser or of Node.js, such as a `File`, as far as it is read. */
export interface BlobSource {
  readonly size: number
  /** The bytes from `start` to before `end`, to be read. */
  slice(start: number, end: number): Pick<Blob, 'arrayBuffer'>
}

/** A file to pack. `name` is its path from the root, with `/` between directories. */
export type PackSource =
  | { name: string, text: string }
  | { name: string, bytes: Uint8Array }
  | { name: string, blob: BlobSource }
  | { name: string, stream: AsyncIterable<Uint8Array> }

/** Files that are packed. */
export interface PackedBundle {
  /** The root: what the node that imports the CAR has to find in it. */
  cid: CID
  /** Of the whole CAR. */
  bytes: number
  /** A CAR v1, depth first, each block once; it can be read again. */
  car: AsyncIterable<Uint8Array>
}
