import type { Reference } from './primitives.ts'

/** A web stream of bytes, as far as it is read: a `ReadableStream`, such as the body of a `Response`. */
export interface ByteStream {
  readonly locked?: boolean
  /** Takes the stream for one reader. */
  getReader(): ByteStreamReader
}

/** The one reader of a web stream of bytes. */
export interface ByteStreamReader {
  /** The next piece, or the end. */
  read(): Promise<{ done: boolean, value?: Uint8Array | undefined }>
  /** Says that no more is needed. */
  cancel(reason?: unknown): Promise<unknown>
}

/** Bytes in pieces of any size: a stream of Node.js or of the web, a generator, or an array of pieces. */
export type ByteSource = AsyncIterable<Uint8Array> | Iterable<Uint8Array> | ByteStream

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
