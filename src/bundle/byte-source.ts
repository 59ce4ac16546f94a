import { InvalidArgumentError } from '../errors.ts'
import { describeValue, invalidArgument } from '../format/argument.ts'
import type { ByteSource, ByteStream } from '../interface/source.ts'

/** Any source of bytes that a host may give, opened. */
export interface OpenSource {
  next(): PromiseLike<unknown> | object
  /** Lets go of what has not been read. Not waited for: a source that is silent may also be silent when it is told to end. */
  cancel(reason: unknown): Promise<unknown>
}

/**
 * Opens a source, to be read once.
 *
 * @throws {@link InvalidArgumentError} when it is not a source of bytes
 */
export function openByteSource (given: ByteSource): OpenSource {
  const source: unknown = given
  if (isByteStream(source)) return openByteStream(source)
  const iterator = typeof source === 'object' && source !== null && !(source instanceof Uint8Array) ? iteratorOf(source) : undefined
  if (iterator === undefined) throw invalidArgument('source', 'an iterable of Uint8Array, such as a stream or [bytes]', source)
  return {
    next: () => iterator.next(),
    cancel: async () => { await iterator.return?.() }
  }
}

/**
 * What a source gave: a piece, or undefined at the end.
 *
 * @throws {@link InvalidArgumentError} when it is anything but bytes
 */
export function pieceOf (result: unknown): Uint8Array | undefined {
  const { done, value } = Object(result) as { done?: boolean, value?: unknown }
  if (done === true) return undefined
  if (value instanceof Uint8Array) return value
  throw new InvalidArgumentError(`The source gave ${describeValue(value)}, which is not a Uint8Array`, { value })
}

/** Read by itself: its iterator cannot be ended while it waits for a piece. */
function openByteStream (stream: ByteStream): OpenSource {
  if (stream.locked === true) throw new InvalidArgumentError('source is a ReadableStream that somebody else is reading: give one that is not locked')
  const reader = stream.getReader()
  return { next: () => reader.read(), cancel: async reason => reader.cancel(reason) }
}

function isByteStream (source: unknown): source is ByteStream {
  return typeof source === 'object' && source !== null && 'getReader' in source && typeof source.getReader === 'function'
}

function iteratorOf (source: object): AsyncIterator<unknown> | Iterator<unknown> | undefined {
  const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = source as Partial<AsyncIterable<unknown> & Iterable<unknown>>
  return async?.call(source) ?? sync?.call(source)
}
