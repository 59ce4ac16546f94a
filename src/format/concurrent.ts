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
  const workers: Promise<void>[] = []
  const worker = async (): Promise<void> => {
    try {
      while (!hasFailed()) {
        const taken = iterator.next()
        const next = taken instanceof Promise ? await taken : taken
        if (next.done === true || hasFailed()) return
        const doing = job(next.value)
        // Of many short lists most of the work would be to get ready for jobs that there are no items for.
        if (taken instanceof Promise && workers.length < concurrency) workers.push(worker())
        await doing
      }
    } catch (error) {
      failures.push(error)
    }
  }
  const atOnce = Symbol.asyncIterator in items ? 1 : concurrency
  while (workers.length < atOnce) workers.push(worker())
  for (const running of workers) await running
  if (!hasFailed()) return
  await iterator.return?.()
  throw failures[0]
}
