/**
 * Does what is usually done at once: undefined when it is. Whoever waits for what is not has one way to hear of a failure.
 */
export function rejecting (work: () => Promise<void> | undefined): Promise<void> | undefined {
  try {
    return work()
  } catch (error) {
    const { promise, reject } = Promise.withResolvers<undefined>()
    reject(error)
    return promise
  }
}
