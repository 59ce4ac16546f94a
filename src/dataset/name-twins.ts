import { setImmediate } from 'node:timers/promises'
import { InvalidNameError } from '../errors.ts'
import { DigestMap } from '../format/digest-map.ts'
import { caseFold } from '../format/entry-name.ts'
import { quote } from '../format/quote.ts'
import { describedFilesAtOnce } from '../limits.ts'
import { inParts } from '../store/in-parts.ts'
import { nativeSha256 } from '../store/native-sha256.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/**
 * Refuses names that some file systems take for one: a dataset has to arrive whole wherever it is saved.
 *
 * @throws {@link InvalidNameError} when two files or folders differ only in case, or in how accents are composed
 */
export async function refuseTwins (paths: Iterable<string>, { signal }: AbortOptions = {}): Promise<void> {
  const known = new FoldedNames()
  for (const [part] of inParts(paths, describedFilesAtOnce)) {
    await setImmediate()
    signal?.throwIfAborted()
    for (const path of part) {
      for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) known.add(path.slice(0, slash))
      known.add(path)
    }
  }
  known.clear()
}

/** Names by what they are folded to. Most are that themselves, and of these their hashes are enough. */
class FoldedNames {
  readonly #same = new DigestMap()
  readonly #others = new Map<string, string>()

  /** What was taken is free at once. */
  clear (): void {
    this.#same.clear()
    this.#others.clear()
  }

  add (path: string): void {
    const folded = caseFold(path)
    const digest = nativeSha256(folded)
    const twin = this.#others.get(folded) ?? (this.#same.has(digest) ? folded : undefined)
    if (twin !== undefined && twin !== path) throw twins(path, twin)
    if (path === folded) this.#same.set(digest, 1)
    else this.#others.set(folded, path)
  }
}

function twins (path: string, twin: string): InvalidNameError {
  return new InvalidNameError(
    `${quote(path)} and ${quote(twin)} differ only in case or in how accents are composed, and many file systems take them for one: rename one of them`,
    { value: path, twin })
}
