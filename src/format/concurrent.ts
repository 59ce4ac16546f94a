/**
 * Does a job for every item, so many at once, begun in their order. No more items are taken than jobs run. After the first
 * failure no further job is begun, and it rejects only when those that run have ended: nothing goes on in the background.
 *
 * Items that come asynchronously must allow that the next one is asked for before the last one has come, as generators do.
 */
export async function forEachConcurrent<T> (
  items: AsyncIterable<T> | Iterable<T>, concurrency: number, job: (item: T) => Promise<void>
): Promise<void> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  const failures: unknown[] = []
  const hasFailed = (): boolean => failures.length > 0
  const worker = async (): Promise<void> => {
    try {
      while (!hasFailed()) {
        const taken = iterator.next()
        const next = taken instanceof Promise ? await taken : taken
        if (next.done === true || hasFailed()) return
        await job(next.value)
      }
    } catch (error) {
      failures.push(error)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  if (!hasFailed()) return
  await iterator.return?.()
  throw failures[0]
}
