import { statfs } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import { LevelDatastore } from 'datastore-level'
import { StorageError } from '../errors.ts'
import { indexWriteBufferBytes } from '../limits.ts'
import { DatastoreIndexDatabase } from './index-database.ts'
import type { IndexDatabase } from './index-database.ts'
import { makeDirectories } from './make-directories.ts'
import { directoryMode } from './node-file-system.ts'
import { refusalAdvice } from './refusal-advice.ts'
import { ReopeningIndexDatabase } from './reopening-index-database.ts'
import { systemCode } from './system-reason.ts'

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
  if (opened.type === 'open') return reopening(opened.database, directory, log)
  if (opened.type === 'locked') return undefined
  throw refused(directory, opened.cause)
}

function reopening (database: IndexDatabase, directory: string, log: (line: string) => void): IndexDatabase {
  return new ReopeningIndexDatabase(database, {
    open: () => reopen(directory, log),
    canOpen: async () => {
      const { bavail, bsize } = await statfs(directory)
      return bavail * bsize > 2 * indexWriteBufferBytes
    }
  })
}

/** Never throws away what is there: the files that it would be made of are in use. */
async function reopen (directory: string, log: (line: string) => void): Promise<IndexDatabase> {
  log(`the index in ${directory} is opened again after it refused to write`)
  const opened = await tryOpen(directory)
  if (opened.type === 'open') return opened.database
  throw refused(directory, opened.type === 'locked' ? new Error('another process has taken it') : opened.cause)
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
    await makeDirectories(directory, directoryMode)
  } catch (cause) {
    return { type: 'refused', cause }
  }
  const datastore = new LevelDatastore(directory)
  const level = datastore.db
  try {
    // Asked directly, because the datastore's own open() does not say why it failed.
    await level.open({ createIfMissing: true, compression: false, writeBufferSize: indexWriteBufferBytes })
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
  const code = systemCodeOf(cause)
  return new StorageError(`The index in ${directory} cannot be opened: ${reasonOf(cause)}${refusalAdvice(code)}`,
    { cause, path: directory, code })
}

/** LevelDB passes on what the system says, and not its code. */
function systemCodeOf (cause: unknown): string {
  const code = codeOf(cause)
  if (typeof code === 'string' && !code.startsWith('LEVEL_')) return code
  return systemCode(reasonOf(cause)) ?? 'unknown reason'
}

function codeOf (error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function reasonOf (error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
