import { hostname } from 'node:os'
import { RepositoryLockedError } from '../errors.ts'
import type { FileSystem } from './file-system.ts'
import type { RepositoryPaths } from './paths.ts'
import { placeFile } from './place-file.ts'

/** Who holds a repository. Never evidence that it is still held: pids and clocks differ between containers. */
export interface Holder {
  pid: number
  host: string
  /** When it was opened, as ISO 8601. */
  since: string
}

const registryKey = Symbol.for('cortensor-datanode.repositories')

/**
 * Takes a repository for this process, before the index asks for the system's lock: that one is lost when it is asked for
 * twice in a process. Returns what gives it back.
 *
 * @throws {@link RepositoryLockedError} when this process holds it, through whichever copy of this module
 */
export function lockInProcess (realPath: string): () => void {
  const held = registry()
  const holder = held.get(realPath)
  if (holder !== undefined) throw lockedError(realPath, holder)
  const mine = currentHolder()
  held.set(realPath, mine)
  return () => {
    if (held.get(realPath) === mine) held.delete(realPath)
  }
}

/** Says who holds a repository. */
export function lockedError (path: string, holder: Holder | undefined): RepositoryLockedError {
  const who = holder === undefined ? 'another process'
    : `process ${holder.pid} on ${holder.host} since ${holder.since}`
  return new RepositoryLockedError(`The repository ${path} is held by ${who}; stop that node, or use another home`,
    { path, ...holder })
}

/** Leaves this process's name in the repository, for the error that others get. */
export async function writeHolder (fileSystem: FileSystem, paths: RepositoryPaths): Promise<void> {
  await placeFile(fileSystem, paths, paths.lock, [Buffer.from(`${JSON.stringify(currentHolder())}\n`)], { sync: false })
}

/** Reads who holds a repository; undefined when that is not known. */
export async function readHolder (fileSystem: FileSystem, paths: RepositoryPaths): Promise<Holder | undefined> {
  try {
    const bytes = await fileSystem.readFile(paths.lock, { offset: 0, length: 1024 })
    return bytes === undefined ? undefined : parseHolder(new TextDecoder().decode(bytes))
  } catch {
    // The repository is held either way; only the name of the holder stays unknown.
    return undefined
  }
}

function parseHolder (text: string): Holder | undefined {
  const value: unknown = JSON.parse(text)
  if (value === null || typeof value !== 'object' || !('pid' in value) || !('host' in value) || !('since' in value)) return undefined
  const { pid, host, since } = value
  if (typeof pid !== 'number' || typeof host !== 'string' || typeof since !== 'string') return undefined
  return { pid, host, since }
}

function currentHolder (): Holder {
  return { pid: process.pid, host: hostname(), since: new Date().toISOString() }
}

function registry (): Map<string, Holder> {
  const shared: unknown = Reflect.get(globalThis, registryKey)
  if (shared instanceof Map) return shared as Map<string, Holder>
  const made = new Map<string, Holder>()
  Reflect.set(globalThis, registryKey, made)
  return made
}
