import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MemoryDatastore } from 'datastore-core'
import { onTestFinished } from 'vitest'
import type { BundleRecord, Store, StoredBundle } from '../../src/interface/store.ts'
import { BlockFiles } from '../../src/store/block-files.ts'
import { BlockIndex } from '../../src/store/block-index.ts'
import { BundleFiles } from '../../src/store/bundle-files.ts'
import { CarCache } from '../../src/store/car-cache.ts'
import { Damage } from '../../src/store/damage.ts'
import { emptyState } from '../../src/store/empty-state.ts'
import { DatastoreIndexDatabase } from '../../src/store/index-database.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { MeteredFileSystem } from '../../src/store/metered-file-system.ts'
import { PartialMarks } from '../../src/store/partial-marks.ts'
import { Partials } from '../../src/store/partials.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { Space } from '../../src/store/space.ts'
import type { StorageLimits } from '../../src/store/storage-limits.ts'
import { openStore } from '../../src/store/store.ts'
import { StoredBlocks } from '../../src/store/stored-blocks.ts'
import type { StoreInit } from '../../src/store/store.ts'
import type { StoreParts } from '../../src/store/store-parts.ts'
import { address, recordOf } from './dags.ts'
import type { Dag } from './dags.ts'

export { address, cidOf, directoryOf, largeDag, node, otherAddress, raw, recordOf, smallDag } from './dags.ts'
export type { Block, Dag } from './dags.ts'

/** Stages and commits a bundle. */
export async function commit (store: Store, dag: Dag, change: Partial<BundleRecord> = {}): Promise<StoredBundle> {
  await using staging = store.stage()
  for (const { cid, bytes } of dag.blocks) await staging.put(cid, bytes)
  return await staging.commit(recordOf(dag.root, change))
}

/** A directory that is gone after the test. */
export async function temporaryDirectory (): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'datanode-store-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** Paths of all files below a directory. */
export async function filesBelow (directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name)).sort()
}

export async function openMemory (init: Partial<StoreInit> = {}): Promise<Store> {
  return openStore({ path: ':memory:', address, ...init })
}

/** Parts over an empty repository in memory. */
export async function makeParts (change: Partial<StoreParts> = {}): Promise<StoreParts> {
  const fileSystem = change.fileSystem ?? new MemoryFileSystem()
  const paths = new RepositoryPaths('/repository')
  for (const directory of [paths.bundles, paths.blocks, paths.temp]) await fileSystem.makeDirectory(directory)
  const bundleFiles = new BundleFiles(fileSystem, paths)
  const index = new BlockIndex(new DatastoreIndexDatabase(new MemoryDatastore()))
  await index.open()
  const cars = new CarCache(root => bundleFiles.readCar(root))
  const { log = (): void => {} } = change
  const damage = new Damage(log)
  const limits: StorageLimits = { bytesMax: 2 ** 40, filesMax: 1e6, freeBytesMin: 0 }
  const { clock = Date.now } = change
  const durability = 'power-cut'
  const parts: StoreParts = {
    repositoryId: '00'.repeat(16),
    fileSystem, paths, index, bundleFiles, cars, damage, limits, log,
    fileSystemType: 'memory',
    blocks: new StoredBlocks({ fileSystem, paths, index, cars, damage, log }),
    blockFiles: new BlockFiles(fileSystem, paths),
    space: new Space({
      limits,
      freeBytes: () => Promise.resolve(2 ** 40),
      makeRoom: () => Promise.resolve(false),
      describe: () => ({ heldBytes: 0, evictableBytes: 0 }),
      persistBound: () => Promise.resolve()
    }),
    clock,
    partials: new Partials({ parts: () => parts, marks: new PartialMarks({ fileSystem, paths, clock, durability, log }), durability }),
    ...emptyState(),
    ...change
  }
  return parts
}

/** Bytes of all blocks, and of those that may not go. */
export function totals (store: Store): { bytes: number, heldBytes: number } {
  const { held, cached } = store.usage()
  return { bytes: held.bytes + cached.bytes, heldBytes: held.bytes }
}

/** The meter that `Upkeep` counts with. */
export function meter ({ fileSystem, paths, space }: StoreParts): MeteredFileSystem {
  return new MeteredFileSystem({ below: fileSystem, space, temp: paths.temp })
}
