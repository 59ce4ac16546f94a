import { setImmediate } from 'node:timers/promises'
import { InvalidNameError } from '../errors.ts'
import { caseFold } from '../format/entry-name.ts'
import { quote } from '../format/quote.ts'
import { describedFilesAtOnce } from '../limits.ts'
import { inParts } from '../store/in-parts.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/**
 * Refuses names that some file systems take for one: a dataset has to arrive whole wherever it is saved.
 *
 * @param paths - gone through twice
 * @throws {@link InvalidNameError} when two files or folders differ only in case, or in how accents are composed
 */
export async function refuseTwins (paths: Iterable<string>, options: AbortOptions = {}): Promise<void> {
  /** Names that are folded to another one, by that. Of two twins at least one is. */
  const folded = new Map<string, string>()
  await forEachName(paths, options, name => {
    const to = caseFold(name)
    if (to === name) return
    const twin = folded.get(to) ?? name
    if (twin !== name) throw twins(name, twin)
    folded.set(to, name)
  })
  if (folded.size === 0) return
  await forEachName(paths, options, name => {
    const twin = folded.get(name)
    if (twin !== undefined) throw twins(name, twin)
  })
}

/** Files and the folders that they are in; a folder comes once for each of its files. */
async function forEachName (paths: Iterable<string>, { signal }: AbortOptions, look: (name: string) => void): Promise<void> {
  for (const [part] of inParts(paths, describedFilesAtOnce)) {
    await setImmediate()
    signal?.throwIfAborted()
    for (const path of part) {
      for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) look(path.slice(0, slash))
      look(path)
    }
  }
}

function twins (path: string, twin: string): InvalidNameError {
  return new InvalidNameError(
    `${quote(path)} and ${quote(twin)} differ only in case or in how accents are composed, and many file systems take them for one: rename one of them`,
    { value: path, twin })
}
