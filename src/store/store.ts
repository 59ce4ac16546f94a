import { resolve } from 'node:path'
import { MemoryDatastore } from 'datastore-core'
import type { Datastore } from 'interface-datastore'
import { InvalidArgumentError } from '../errors.ts'
import type { Address } from '../interface/primitives.ts'
import type { Store } from '../interface/store.ts'
import { writeConcurrency } from '../limits.ts'
import { BlockFiles } from './block-files.ts'
import { BlockIndex } from './block-index.ts'
import { BundleFiles } from './bundle-files.ts'
import { CarCache } from './car-cache.ts'
import type { FileSystem } from './file-system.ts'
import { DatastoreIndexDatabase, isIndexError } from './index-database.ts'
import type { IndexDatabase } from './index-database.ts'
import { lockInProcess, lockedError, readHolder, writeHolder } from './lock.ts'
import { MemoryFileSystem } from './memory-file-system.ts'
import { NodeFileSystem } from './node-file-system.ts'
import { openIndexDatabase } from './open-index-database.ts'
import { RepositoryPaths } from './paths.ts'
import { reconcile } from './reconcile.ts'
import type { RecordFile } from './record-file.ts'
import { checkRepository, prepareRepository } from './repository.ts'
import { RepositoryStore } from './repository-store.ts'
import { RunningWork } from './running-work.ts'
import { KeyedSlots, Slots } from './slots.ts'
import { StoredBlocks } from './stored-blocks.ts'
import type { StoreParts } from './store-parts.ts'

/** What a store is opened with. */
export interface StoreInit {
  /** Directory of the repository, or `:memory:`. */
  path: string
  /** Whose repository it is. */
  address: Address
  /** One line an event. */
  log?: ((line: string) => void) | undefined
  /** By default the disk, or memory for `:memory:`. */
  fileSystem?: FileSystem | undefined
  /** By default LevelDB in the repository, or memory for `:memory:`. It is not closed. */
  datastore?: Datastore | undefined
}

const inMemory = ':memory:'

/**
 * Opens a repository, or makes one. What a crash left unfinished is cleaned up, and the index is brought in line with the files.
 *
 * @throws {@link RepositoryLockedError} another store holds it
 * @throws {@link RepositoryVersionError} a newer release wrote it
 * @throws {@link IdentityMismatchError} it belongs to another key
 * @throws {@link StorageError} the file system refuses
 */
export async function openStore (init: StoreInit): Promise<Store> {
  const { path, address, log = () => { /* Silent. */ }, fileSystem, datastore } = init
  if (path === '') throw new InvalidArgumentError('The path of a repository is empty')
  const isMemory = path === inMemory
  const files = fileSystem ?? (isMemory ? new MemoryFileSystem() : new NodeFileSystem())
  const paths = new RepositoryPaths(isMemory ? '/' : resolve(path))
  await files.makeDirectory(paths.root)
  const unlock = lockInProcess(await files.realPath(paths.root))
  try {
    await checkRepository(files, paths, address)
    const memory = isMemory ? new MemoryDatastore() : undefined
    const parts = await openParts({ files, paths, address, log, datastore: datastore ?? memory })
    return new RepositoryStore({ parts, path: isMemory ? path : paths.root, unlock })
  } catch (error) {
    unlock()
    throw error
  }
}

interface OpenPartsInit {
  files: FileSystem
  paths: RepositoryPaths
  address: Address
  log: (line: string) => void
  datastore: Datastore | undefined
  /** Make the index again, whatever it says. */
  anew?: boolean
}

async function openParts (init: OpenPartsInit): Promise<StoreParts> {
  const { files, paths, address, log, anew = false } = init
  const database = await openDatabase(init)
  try {
    const { repositoryId } = await prepareRepository(files, paths, address)
    await writeHolder(files, paths)
    const parts = makeParts(init, database, repositoryId)
    await reconcile(parts)
    return parts
  } catch (error) {
    await database.close().catch(() => { /* The reason is thrown below. */ })
    if (anew || init.datastore !== undefined || !isIndexError(error)) throw error
    log(`the index is damaged and is made again from the files: ${error.message}`)
    return openParts({ ...init, anew: true })
  }
}

async function openDatabase ({ files, paths, log, datastore, anew = false }: OpenPartsInit): Promise<IndexDatabase> {
  if (datastore !== undefined) return new DatastoreIndexDatabase(datastore)
  const database = await openIndexDatabase(paths.data, { log, anew })
  if (database === undefined) throw lockedError(paths.root, await readHolder(files, paths))
  return database
}

function makeParts ({ files: fileSystem, paths, log }: OpenPartsInit, database: IndexDatabase, repositoryId: string): StoreParts {
  const records = new Map<string, RecordFile>()
  const bundleFiles = new BundleFiles(fileSystem, paths)
  const index = new BlockIndex(database, root => records.get(root)?.bundle.held === true)
  const cars = new CarCache(root => bundleFiles.readCar(root))
  return {
    repositoryId,
    fileSystem,
    paths,
    index,
    records,
    bundleFiles,
    log,
    blocks: new StoredBlocks({ fileSystem, paths, index, cars }),
    blockFiles: new BlockFiles(fileSystem, paths),
    doubtful: new Set(),
    writes: new Slots(writeConcurrency),
    roots: new KeyedSlots(),
    running: new RunningWork()
  }
}
