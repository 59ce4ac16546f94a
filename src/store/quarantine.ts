/**
 * Damaged block files are kept in `quarantine/` under their own names until their blocks are whole again: for a look at what
 * happened to them, and so that their places are free. A damaged CAR stays where it is, for its other blocks are good.
 */
import { basename, join } from 'node:path'
import { StorageError } from '../errors.ts'
import { quarantinedEntriesMax } from '../limits.ts'
import type { FileSystem } from './file-system.ts'
import type { RepositoryPaths } from './paths.ts'

/** What moving files there takes. */
export interface QuarantineComponents {
  fileSystem: FileSystem
  paths: RepositoryPaths
  log: (line: string) => void
}

/** Moves what is in the place of a block out of it, if there is anything. Never rejects: what cannot be moved stays. */
export async function quarantineFile (components: QuarantineComponents, path: string): Promise<void> {
  const { fileSystem, log, paths } = components
  const to = quarantinePath(paths, path)
  try {
    await fileSystem.makeDirectory(paths.quarantine)
    try {
      await fileSystem.rename(path, to)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return
      // A directory does not give way by itself.
      await removeTree(fileSystem, to)
      await fileSystem.rename(path, to)
    }
  } catch (error) {
    log(`the damaged ${path} stays where it is: ${String(error)}`)
  }
}

/** Removes what was kept of a block that is whole again, or not needed any more. Never rejects. */
export async function clearQuarantine ({ fileSystem, log, paths }: QuarantineComponents, path: string): Promise<void> {
  try {
    await removeTree(fileSystem, quarantinePath(paths, path))
  } catch (error) {
    log(`the copy of the damaged ${path} stays in ${paths.quarantine}: ${String(error)}`)
  }
}

function quarantinePath (paths: RepositoryPaths, path: string): string {
  return join(paths.quarantine, basename(path))
}

/** A link is removed as it is: only what cannot be removed so is a directory of its own. */
async function removeTree (fileSystem: FileSystem, path: string): Promise<void> {
  const waiting = [{ path, isEmpty: false }]
  let entries = 0
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    try {
      await fileSystem.remove(next.path)
    } catch (error) {
      if (next.isEmpty || !hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error
      const names = await fileSystem.list(next.path)
      entries += names.length
      if (entries > quarantinedEntriesMax) throw error
      const { path: directory } = next
      waiting.push({ path: directory, isEmpty: true }, ...names.map(name => ({ path: join(directory, name), isEmpty: false })))
    }
  }
}

function hasCode (error: unknown, ...codes: string[]): boolean {
  return error instanceof StorageError && codes.includes(String(error.details['code']))
}
