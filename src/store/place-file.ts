import type { FileSystem, WriteFileOptions } from './file-system.ts'
import type { RepositoryPaths } from './paths.ts'

/**
 * Writes a file under another name and then gives it its own: whoever looks sees all of it, what was there before, or nothing.
 * The name itself is on the drive only when the directory is synced.
 */
export async function placeFile (fileSystem: FileSystem, paths: RepositoryPaths, path: string, chunks: readonly Uint8Array[],
  options: WriteFileOptions): Promise<void> {
  const temp = paths.newTemp()
  try {
    await fileSystem.writeFile(temp, chunks, options)
    await fileSystem.rename(temp, path)
  } catch (error) {
    await fileSystem.remove(temp).catch(() => { /* The next open removes it. */ })
    throw error
  }
}
