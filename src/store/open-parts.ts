import type { Datastore } from 'interface-datastore'
import type { Address } from '../interface/primitives.ts'
import type { StorageOptions } from '../interface/storage.ts'
import { BlockFiles } from './block-files.ts'
import { BlockIndex } from './block-index.ts'
import { BundleFiles } from './bundle-files.ts'
import { CarCache } from './car-cache.ts'
import { makeRoom } from './collect.ts'
import { Damage } from './damage.ts'
import { emptyState } from './empty-state.ts'
import type { FileSystem, FileSystemSpace } from './file-system.ts'
import { DatastoreIndexDatabase, isIndexError } from './index-database.ts'
import type { IndexDatabase } from './index-database.ts'
import { lockedError, readHolder, writeHolder } from './lock.ts'
import { MemoryIndexDatabase } from './memory-index-database.ts'
import { MeteredFileSystem } from './metered-file-system.ts'
import { openIndexDatabase } from './open-index-database.ts'
import { PartialMarks } from './partial-marks.ts'
import { Partials } from './partials.ts'
import type { RepositoryPaths } from './paths.ts'
import { reconcile } from './reconcile.ts'
import { prepareRepository } from './repository.ts'
import { decodeSpaceNote, encodeSpaceNote } from './space-note.ts'
import { Space } from './space.ts'
import { resolveLimits } from './storage-limits.ts'
import { StoredBlocks } from './stored-blocks.ts'
import type { StoreParts } from './store-parts.ts'
import { UnsyncedFileSystem } from './unsynced-file-system.ts'
import { spaceNote, Upkeep, usesNote } from './upkeep.ts'

/** What the parts of a store are made of. */
export interface OpenPartsInit {
  files: FileSystem
  paths: RepositoryPaths
  address: Address
  storage: StorageOptions
  /** Milliseconds since 1970. */
  clock: () => number
  log: (line: string) => void
  isMemory: boolean
  /** In place of LevelDB. */
  datastore: Datastore | undefined
  /** Make the index again, whatever it says. */
  anew?: boolean
}

/** An open repository, and what goes on in it by itself. */
export interface OpenParts {
  parts: StoreParts
  upkeep: Upkeep
}

/**
 * Opens the index of a repository that this process has locked, and brings it in line with the files.
 *
 * @throws {@link RepositoryLockedError} when another process has the repository
 * @throws {@link StorageError} when the file system refuses
 */
export async function openParts (init: OpenPartsInit): Promise<OpenParts> {
  const { files, paths, address, storage, log, anew = false } = init
  const fileSystemSpace = await files.space(paths.root)
  const database = await openDatabase(init)
  try {
    const { repositoryId } = await prepareRepository(files, paths, address)
    await writeHolder(files, paths)
    const { parts, fileSystem } = makeParts(init, database, repositoryId, fileSystemSpace)
    const upkeep = new Upkeep(parts, fileSystem)
    await fillParts(parts, upkeep, storage)
    return { parts, upkeep }
  } catch (error) {
    await database.close().catch(() => { /* The reason is thrown below. */ })
    if (anew || init.datastore !== undefined || !isIndexError(error)) throw error
    log(`the index is damaged and is made again from the files: ${error.message}`)
    return openParts({ ...init, anew: true })
  }
}

async function openDatabase ({ files, paths, log, isMemory, datastore, anew = false }: OpenPartsInit): Promise<IndexDatabase> {
  if (datastore !== undefined) return new DatastoreIndexDatabase(datastore)
  if (isMemory) return new MemoryIndexDatabase()
  const database = await openIndexDatabase(paths.data, { log, anew })
  if (database === undefined) throw lockedError(paths.root, await readHolder(files, paths))
  return database
}

function makeParts ({ files, paths, storage, clock, log }: OpenPartsInit, database: IndexDatabase, repositoryId: string,
  { type, ...sizes }: FileSystemSpace): { parts: StoreParts, fileSystem: MeteredFileSystem } {
  const index = new BlockIndex(database)
  const limits = resolveLimits(storage, { type, ...sizes })
  const space: Space = new Space({
    limits,
    freeBytes: async () => (await files.space(paths.root)).bytesFree,
    makeRoom: () => makeRoom(parts),
    describe: () => ({
      heldBytes: index.usage.keptBytes,
      evictableBytes: index.usage.bytes - index.usage.keptBytes + parts.partials.evictableBytes
    }),
    persistBound: bound => index.writeNote(spaceNote, encodeSpaceNote({ ...bound, wasClosed: false }))
  })
  const { durability = 'power-cut' } = storage
  const below = durability === 'process-crash' ? new UnsyncedFileSystem(files) : files
  const fileSystem = new MeteredFileSystem({ below, space, temp: paths.temp })
  const bundleFiles = new BundleFiles(fileSystem, paths)
  const cars = new CarCache(root => bundleFiles.readCar(root, parts.records.get(root)))
  const damage = new Damage(log)
  const marks = new PartialMarks({ fileSystem, paths, clock, durability, log })
  const parts: StoreParts = {
    repositoryId,
    fileSystem,
    paths,
    index,
    bundleFiles,
    cars,
    damage,
    space,
    limits,
    fileSystemType: type,
    log,
    clock,
    blocks: new StoredBlocks({ fileSystem, paths, index, cars, damage, log }),
    blockFiles: new BlockFiles(fileSystem, paths),
    partials: new Partials({ parts: () => parts, durability, marks }),
    ...emptyState()
  }
  return { parts, fileSystem }
}

async function fillParts (parts: StoreParts, upkeep: Upkeep, storage: StorageOptions): Promise<void> {
  const { index, listed, records, space, uses } = parts
  const note = decodeSpaceNote(await index.note(spaceNote))
  space.reset(note ?? { bytes: 0, files: 0 })
  await reconcile(parts, { wasClosed: note?.wasClosed === true })
  for (const { bundle } of records.values()) listed.blocks += bundle.blocks
  uses.load(await index.note(usesNote), root => records.has(root))
  await upkeep.start(note, storage)
}
