import { InvalidArgumentError } from '../errors.ts'
import { describeValue } from '../format/argument.ts'
import { quote } from '../format/quote.ts'
import { untilAborted } from '../format/until-aborted.ts'
import type { AbortOptions } from '../interface/primitives.ts'

const pieceBytes = 1024 * 1024

/** Reads bytes that a host gave, piece by piece. */
export async function * readBytesSource (bytes: Uint8Array, { signal }: AbortOptions): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
    signal?.throwIfAborted()
    yield bytes.subarray(at, at + pieceBytes)
  }
}

/**
 * Reads a stream that a host gave. It may be silent for as long as it likes: the signal ends the wait.
 *
 * @throws {@link InvalidArgumentError} when it gives anything but bytes
 * @throws what the stream itself throws
 */
export async function * readStreamSource (
  stream: AsyncIterable<Uint8Array>, name: string, { signal }: AbortOptions
): AsyncGenerator<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]()
  let done: boolean | undefined = false
  try {
    for (;;) {
      const result: unknown = await untilAborted(Promise.resolve(iterator.next()), signal)
      const { done: isDone, value } = Object(result) as { done?: boolean, value?: unknown }
      done = isDone
      if (done === true) return
      if (!(value instanceof Uint8Array)) {
        throw new InvalidArgumentError(`The stream of ${quote(name)} gave ${describeValue(value)}, which is not a Uint8Array`)
      }
      yield value
    }
  } finally {
    // Not awaited: a stream that is silent may also be silent when it is told to end.
    if (done !== true) end(iterator).catch(() => {})
  }
}

async function end (iterator: AsyncIterator<Uint8Array>): Promise<void> {
  await iterator.return?.()
}
