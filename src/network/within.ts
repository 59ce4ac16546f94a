/**
 * Resolves when the work has ended, in either way, or when its time is over. The timer keeps the process alive: what is
 * waited for may hang on timers that do not.
 */
export async function within (milliseconds: number, work: Promise<unknown>): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => { resolve(undefined) }, milliseconds)
  await Promise.race([work.catch(() => {}), over])
  clearTimeout(timer)
}
