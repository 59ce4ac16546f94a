import type { FileSystem, WriteFileOptions } from '../../src/store/file-system.ts'
import { WatchedFileSystem } from '../store/fault-file-systems.ts'

/** Which files are not synced although the store asks for it. */
export type Unsynced = 'none' | 'blocks' | 'records'

/** Passes everything on, but says of some files that they are on the drive when they are not. */
export class UnsyncedFileSystem extends WatchedFileSystem {
  readonly #below: FileSystem
  readonly #unsynced: Unsynced

  constructor (below: FileSystem, unsynced: Unsynced) {
    super(below, (_, make) => make())
    this.#below = below
    this.#unsynced = unsynced
  }

  override writeFile (path: string, chunks: readonly Uint8Array[], { sync }: WriteFileOptions): Promise<void> {
    return this.#below.writeFile(path, chunks, { sync: sync && kindOf(chunks) !== this.#unsynced })
  }
}

/** All files have temporary names when they are written, so what is in them tells. */
function kindOf (chunks: readonly Uint8Array[]): Exclude<Unsynced, 'none'> | 'repository' {
  const head = Buffer.concat(chunks.slice(0, 1)).subarray(0, 2000).toString('latin1')
  if (head.startsWith('{"') && head.includes('"cortensor-record"')) return 'records'
  const isOfRepository = head === '' || /^(\d+\n|\{"address":)/.test(head)
  return isOfRepository ? 'repository' : 'blocks'
}
