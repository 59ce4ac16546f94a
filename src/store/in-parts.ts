/** Items in parts of so many, the last of which may be smaller; one without any when there are none. */
export function * inParts<T> (items: Iterable<T>, size: number): Generator<[part: T[], isLast: boolean], undefined> {
  let part: T[] = []
  for (const item of items) {
    if (part.length === size) {
      yield [part, false]
      part = []
    }
    part.push(item)
  }
  yield [part, true]
  return undefined
}
