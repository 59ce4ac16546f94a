import type { CID } from 'multiformats/cid'
import { forEachConcurrent } from '../format/concurrent.ts'
import { KeyedSlots } from '../format/slots.ts'
import type { SaidOfRoot } from '../interface/statement.ts'
import { partialNoteBytesMax, readConcurrency } from '../limits.ts'
import type { FileSystem } from './file-system.ts'
import { decodePartialNote, encodePartialNote } from './partial-note.ts'
import type { PartialNote } from './partial-note.ts'
import { parsePartialName, rootText } from './paths.ts'
import type { RepositoryPaths } from './paths.ts'
import { placeFile } from './place-file.ts'
import { unlessDamaged } from './read-block.ts'

/** What marks are made with. */
export interface PartialMarksInit {
  fileSystem: FileSystem
  paths: RepositoryPaths
  durability: PartialNote['durability']
  /** Milliseconds since 1970. */
  clock: () => number
  log: (line: string) => void
}

/** A mark that was found. */
export interface FoundMark {
  root: CID
  /** Undefined when it cannot be read. */
  note: PartialNote | undefined
}

/**
 * The files in `partials/`: each says that there may be block files of its bundle, and when they were used last. A mark belongs
 * to the one who placed it last: what went before may still be going away.
 */
export class PartialMarks {
  readonly #init: PartialMarksInit
  readonly #owners = new Map<string, object>()
  /** One change of a mark at a time. */
  readonly #slots = new KeyedSlots()
  #hasDirectory = false

  constructor (init: PartialMarksInit) {
    this.#init = init
  }

  /** Says that a mark that was found is from now on this one's. */
  own (root: string, owner: object): void {
    this.#owners.set(root, owner)
  }

  /** Places a mark, or says in it that its blocks are used now and what was said of them. Resolves when it is on the drive. */
  place (root: string, owner: object, said?: SaidOfRoot): Promise<void> {
    return this.#slots.run(root, async () => {
      const { clock, durability, fileSystem, paths } = this.#init
      this.#owners.set(root, owner)
      const isFirst = !this.#hasDirectory
      if (isFirst) await fileSystem.makeDirectory(paths.partials)
      const note = encodePartialNote({ usedAt: clock(), durability, said })
      await placeFile(fileSystem, paths, paths.partial(root), [Buffer.from(note)], { sync: true, essential: true })
      await fileSystem.syncDirectory(paths.partials)
      if (isFirst) await fileSystem.syncDirectory(paths.root)
      this.#hasDirectory = true
    })
  }

  /** Removes a mark, unless somebody else has placed it since. */
  remove (root: string, owner: object): Promise<void> {
    return this.#slots.run(root, async () => {
      if (this.#owners.get(root) !== owner) return
      await this.#init.fileSystem.remove(this.#init.paths.partial(root))
      this.#owners.delete(root)
    })
  }

  /** Removes marks that belong to nobody. Never rejects: what stays is looked at when the repository is opened again. */
  async sweep (names: readonly string[]): Promise<void> {
    const { fileSystem, log, paths } = this.#init
    await forEachConcurrent(names, readConcurrency, name => fileSystem.remove(paths.partial(name)).catch((error: unknown) => {
      log(`${paths.partial(name)} stays: ${String(error)}`)
    }))
  }

  /** All that are there. What is no mark is removed. */
  async list (): Promise<FoundMark[]> {
    const { fileSystem, paths } = this.#init
    const found: FoundMark[] = []
    await forEachConcurrent(await fileSystem.list(paths.partials), readConcurrency, async name => {
      const root = parsePartialName(name)
      const path = paths.partial(name)
      if (root === undefined || rootText(root) !== name) {
        await this.sweep([name])
        return
      }
      const bytes = await unlessDamaged(path, () => fileSystem.readFile(path, { offset: 0, length: partialNoteBytesMax }))
      found.push({ root, note: bytes instanceof Uint8Array ? decodePartialNote(Buffer.from(bytes).toString()) : undefined })
    })
    return found
  }
}
