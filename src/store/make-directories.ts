import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a directory and those above it; what exists is left as it is.
 *
 * Not with `recursive`: that never ends where nothing can be made although the directory above is there, as in /proc, and
 * calls a read-only file system a missing directory.
 *
 * Rejects with the system's own error.
 */
export async function makeDirectories (path: string, mode = 0o777): Promise<void> {
  const missing: string[] = []
  for (let at = path; !await makeDirectory(at, mode); at = dirname(at)) {
    missing.push(at)
    // The root of a drive that is not there.
    if (dirname(at) === at) break
  }
  for (const at of missing.reverse()) await mkdir(at, { mode }).catch(async (error: unknown) => leaveExisting(at, error))
}

/** False when the directory above is missing. */
async function makeDirectory (path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, { mode })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    await leaveExisting(path, error)
  }
  return true
}

/** Whatever the reason was not to make it, a directory that is there is what was asked for. */
async function leaveExisting (path: string, error: unknown): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory() !== true) throw error
}

function codeOf (error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
