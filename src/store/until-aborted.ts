import type { AbortOptions } from '../interface/primitives.ts'

/** Leaves work that does not listen to a signal when that is aborted, with the signal's own reason. The work goes on. */
export async function untilAborted<T> (work: Promise<T>, { signal }: AbortOptions): Promise<T> {
  if (signal === undefined) return await work
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => { reject(signal.reason as Error) }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    if (signal.aborted) onAbort()
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
