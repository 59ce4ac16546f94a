import { join } from 'node:path'
import { ListedFolder } from './listed-folder.ts'
import { fileOnDisk } from './source-path.ts'
import type { FolderIdentity } from './listed-folder.ts'
import type { SourceEntry } from './source-entry.ts'
import type { CID } from 'multiformats/cid'

/** Files that were found in one folder on disk, one after another. */
interface Folder {
  type: 'folder'
  folder: string
  identity: FolderIdentity
  /** From the root of the bundle. */
  path: string
  names: string[]
}

/** Entries of a bundle, in their order. Of files found on disk no more is kept than their names: there may be a million. */
export class SourceList implements Iterable<SourceEntry> {
  readonly #parts: (Folder | SourceEntry)[] = []

  /** What is linked. */
  get links (): CID[] {
    return this.#parts.flatMap(part => part.type === 'link' ? [part.cid] : [])
  }

  push (entry: SourceEntry): void {
    if (entry.type !== 'file' || entry.found === undefined) {
      this.#parts.push(entry)
      return
    }
    const { folder, identity, name } = entry.found
    const path = entry.path.slice(0, -name.length - 1)
    const last = this.#parts.at(-1)
    if (last?.type === 'folder' && last.folder === folder && last.path === path) last.names.push(name)
    else this.#parts.push({ type: 'folder', folder, identity, path, names: [name] })
  }

  * [Symbol.iterator] (): Generator<SourceEntry, undefined> {
    for (const part of this.#parts) {
      if (part.type === 'folder') yield * filesIn(part)
      else yield part
    }
    return undefined
  }
}

function * filesIn ({ folder, identity, path, names }: Folder): Generator<SourceEntry> {
  const listed = new ListedFolder(folder, identity, names.length)
  for (const name of names) yield fileOnDisk(join(folder, name), `${path}/${name}`, listed)
}
