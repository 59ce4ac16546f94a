import type { FileSystem, WriteFileOptions } from './file-system.ts'
import type { RepositoryPaths } from './paths.ts'

/** A file that has its bytes and not yet its name. */
export interface WrittenFile {
  /** Gives it its name, in place of what had it. */
  place: () => Promise<void>
  /** Removes it. Never rejects: what stays is removed by the next open. */
  discard: () => Promise<void>
}

/**
 * Writes a file under another name and then gives it its own: whoever looks sees all of it, what was there before, or nothing.
 * The name itself is on the drive only when the directory is synced.
 */
export async function placeFile (fileSystem: FileSystem, paths: RepositoryPaths, path: string, chunks: readonly Uint8Array[],
  options: WriteFileOptions): Promise<void> {
  const file = await writeFile(fileSystem, paths, path, chunks, options)
  await file.place()
}

/** Does the first half of that, so that several files can be written at the same time before the first one has its name. */
export async function writeFile (fileSystem: FileSystem, paths: RepositoryPaths, path: string, chunks: readonly Uint8Array[],
  options: WriteFileOptions): Promise<WrittenFile> {
  const temp = paths.newTemp()
  const discard = async (): Promise<void> => {
    await fileSystem.remove(temp).catch(() => { /* The next open removes it. */ })
  }
  const orDiscard = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      await discard()
      throw error
    }
  }
  await orDiscard(() => fileSystem.writeFile(temp, chunks, options))
  return { discard, place: () => orDiscard(() => fileSystem.rename(temp, path)) }
}
