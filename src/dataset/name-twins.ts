import { InvalidNameError } from '../errors.ts'
import { caseFold } from '../format/entry-name.ts'
import { quote } from '../format/quote.ts'

/**
 * Refuses names that some file systems take for one: a dataset has to arrive whole wherever it is saved.
 *
 * @throws {@link InvalidNameError} when two files or folders differ only in case, or in how accents are composed
 */
export function refuseTwins (paths: Iterable<string>): void {
  const known = new Map<string, string>()
  for (const path of paths) {
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) add(known, path.slice(0, slash))
    add(known, path)
  }
}

function add (known: Map<string, string>, path: string): void {
  const folded = caseFold(path)
  const twin = known.get(folded)
  if (twin !== undefined && twin !== path) {
    throw new InvalidNameError(
      `${quote(path)} and ${quote(twin)} differ only in case or in how accents are composed, and many file systems take them for one: rename one of them`,
      { value: path, twin })
  }
  known.set(folded, path)
}
