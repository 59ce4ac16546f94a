import { InvalidArgumentError } from '../errors.ts'
import { quote } from '../format/quote.ts'
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
 */
export async function * readStreamSource (
  stream: AsyncIterable<Uint8Array>, name: string, { signal }: AbortOptions
): AsyncGenerator<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]()
  let done: boolean | undefined = false
  try {
    for (;;) {
      const result = await untilAborted(iterator.next(), signal)
      done = result.done
      if (done === true) return
      const piece: unknown = result.value
      if (!(piece instanceof Uint8Array)) throw new InvalidArgumentError(`The stream of ${quote(name)} gave something else than a Uint8Array`)
      yield piece
    }
  } finally {
    // Not awaited: a stream that is silent may also be silent when it is told to end.
    if (done !== true) iterator.return?.().catch(() => {})
  }
}

async function untilAborted<T> (promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  promise.catch(() => {})
  signal.throwIfAborted()
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => { reject(signal.reason as Error) }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
