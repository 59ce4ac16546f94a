import { mkdir } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import { LevelDatastore } from 'datastore-level'
import { StorageError } from '../errors.ts'
import { DatastoreIndexDatabase } from './index-database.ts'
import type { IndexDatabase } from './index-database.ts'
import { directoryMode } from './node-file-system.ts'

/** How the index is opened. */
export interface OpenIndexOptions {
  log: (line: string) => void
  /** Throw away what is there first. */
  anew?: boolean
}

type Opened = { type: 'open', database: IndexDatabase } | { type: 'locked' } | { type: 'damaged' | 'refused', cause: unknown }

/**
 * Opens LevelDB in a directory, and with it takes the system's lock. Undefined when another process has that. A database
 * that is damaged is thrown away: the index is made again from the files.
 *
 * @throws {@link StorageError} when the system refuses
 */
export async function openIndexDatabase (directory: string, options: OpenIndexOptions): Promise<IndexDatabase | undefined> {
  const { log, anew = false } = options
  const first = anew ? undefined : await tryOpen(directory)
  if (first?.type === 'damaged') log(`the index in ${directory} is damaged and is made again from the files: ${reasonOf(first.cause)}`)
  const opened = first === undefined || first.type === 'damaged' ? await openAnew(directory) : first
  if (opened.type === 'open') return opened.database
  if (opened.type === 'locked') return undefined
  throw refused(directory, opened.cause)
}

async function openAnew (directory: string): Promise<Opened> {
  try {
    // It takes the lock itself, so that nobody throws away what another process has made again.
    await ClassicLevel.destroy(directory)
  } catch (cause) {
    return { type: /lock/i.test(reasonOf(cause)) ? 'locked' : 'refused', cause }
  }
  return tryOpen(directory)
}

async function tryOpen (directory: string): Promise<Opened> {
  try {
    // LevelDB would let others in.
    await mkdir(directory, { recursive: true, mode: directoryMode })
  } catch (cause) {
    return { type: 'refused', cause }
  }
  const datastore = new LevelDatastore(directory)
  const level = datastore.db
  try {
    // Asked directly, because the datastore's own open() does not say why it failed.
    await level.open({ createIfMissing: true, compression: false })
    return { type: 'open', database: new DatastoreIndexDatabase(datastore, () => level.close()) }
  } catch (error) {
    await level.close()
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
    if (codeOf(cause) === 'LEVEL_LOCKED') return { type: 'locked' }
    const isDamaged = codeOf(cause) === 'LEVEL_CORRUPTION' || /no such file|does not exist|corrupt/i.test(reasonOf(cause))
    return { type: isDamaged ? 'damaged' : 'refused', cause }
  }
}

function refused (directory: string, cause: unknown): StorageError {
  return new StorageError(`The index in ${directory} cannot be opened: ${reasonOf(cause)}`, { cause, path: directory })
}

function codeOf (error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function reasonOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
