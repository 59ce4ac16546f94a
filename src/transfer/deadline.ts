/**
 * Gives `work` a signal that ends with the caller's, or when time is up. It rejects then even if `work` does not listen. Time
 * begins anew whenever `work` calls `renew`.
 *
 * Rejects with the caller's own reason, or with what `timedOut` makes.
 */
export async function withDeadline<T> (
  timeoutMs: number, signal: AbortSignal, timedOut: () => Error, work: (signal: AbortSignal, renew: () => void) => Promise<T>
): Promise<T> {
  signal.throwIfAborted()
  const controller = new AbortController()
  const ended = Promise.withResolvers<undefined>()
  const end = (reason: unknown): void => {
    controller.abort(reason)
    ended.resolve(undefined)
  }
  const onAbort = (): void => { end(signal.reason) }
  const timer = setTimeout(() => { end(timedOut()) }, timeoutMs)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const working = work(controller.signal, () => { timer.refresh() })
    await Promise.race([working, ended.promise])
    controller.signal.throwIfAborted()
    return await working
  } catch (error) {
    controller.signal.throwIfAborted()
    throw error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}
