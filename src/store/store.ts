import { resolve } from 'node:path'
import type { Datastore } from 'interface-datastore'
import { InvalidArgumentError } from '../errors.ts'
import type { Address } from '../interface/primitives.ts'
import type { StorageOptions } from '../interface/storage.ts'
import type { Store } from '../interface/store.ts'
import type { FileSystem } from './file-system.ts'
import { lockInProcess } from './lock.ts'
import { MemoryFileSystem } from './memory-file-system.ts'
import { NodeFileSystem } from './node-file-system.ts'
import { openParts } from './open-parts.ts'
import { RepositoryPaths } from './paths.ts'
import { checkRepository } from './repository.ts'
import { RepositoryStore } from './repository-store.ts'
import { checkStorageOptions } from './storage-limits.ts'

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
  storage?: StorageOptions | undefined
  /** Milliseconds since 1970. */
  clock?: (() => number) | undefined
}

const inMemory = ':memory:'

/**
 * Opens a repository, or makes one. What a crash left unfinished is cleaned up, and the index is brought in line with the files.
 *
 * @throws {@link RepositoryLockedError} another store holds it
 * @throws {@link RepositoryVersionError} a newer release wrote it
 * @throws {@link IdentityMismatchError} it belongs to another key
 * @throws {@link InvalidArgumentError} a storage option is not what it should be
 * @throws {@link StorageError} the file system refuses
 */
export async function openStore (init: StoreInit): Promise<Store> {
  const { path, address, log = () => { /* Silent. */ }, fileSystem, datastore, storage = {}, clock = Date.now } = init
  if (path === '') throw new InvalidArgumentError('The path of a repository is empty')
  checkStorageOptions(storage)
  const isMemory = path === inMemory
  const files = fileSystem ?? (isMemory ? new MemoryFileSystem() : new NodeFileSystem())
  const paths = new RepositoryPaths(isMemory ? '/' : resolve(path))
  await files.makeDirectory(paths.root)
  const unlock = lockInProcess(await files.realPath(paths.root))
  try {
    await checkRepository(files, paths, address)
    const { parts, upkeep } = await openParts({ files, paths, address, storage, clock, log, isMemory, datastore })
    const leave = async (): Promise<void> => {
      await files.remove(paths.lock).catch(() => { /* It is only read when somebody holds the repository. */ })
      await files.settled()
      unlock()
    }
    return new RepositoryStore({ parts, upkeep, path: isMemory ? path : paths.root, unlock: leave })
  } catch (error) {
    await files.settled()
    unlock()
    throw error
  }
}
