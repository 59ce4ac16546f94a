/**
 * Does a job for every item, a few at a time, in their order. After the first failure no further job is started, and
 * it rejects only when the running ones have ended: nothing goes on in the background.
 */
export async function forEachConcurrent<T> (
  items: AsyncIterable<T> | Iterable<T>, concurrency: number, job: (item: T) => Promise<void>
): Promise<void> {
  const running = new Set<Promise<void>>()
  const failures: unknown[] = []
  try {
    for await (const item of items) {
      if (failures.length > 0) break
      const run: Promise<void> = job(item).catch((error: unknown) => { failures.push(error) }).finally(() => running.delete(run))
      running.add(run)
      if (running.size >= concurrency) await Promise.race(running)
    }
  } finally {
    await Promise.all(running)
  }
  if (failures.length > 0) throw failures[0]
}
