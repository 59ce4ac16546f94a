/**
 * Gives what a decoder finds, one after the other. What the decoder throws is the provider's fault, and becomes what `faultOf`
 * makes of it; what is thrown by whoever takes what was decoded is not.
 */
export function * decoded<T> (decoding: Iterator<T>, faultOf: (cause: unknown) => Error): Generator<T> {
  for (;;) {
    let result: IteratorResult<T>
    try {
      result = decoding.next()
    } catch (cause) {
      throw faultOf(cause)
    }
    if (result.done === true) return
    yield result.value
  }
}
