/**
 * The order in which a bundle becomes durable:
 *
 * 1. every block is in a file whose bytes are on the drive: one CAR for a small bundle, a file each for a large one
 * 2. the files have their names, and those of block files are on the drive
 * 3. the record has its name, and that is on the drive: with it the name of the CAR, which is in the same directory
 * 4. the index
 *
 * Whoever reads the directory in between finds files without a record, or a record without its CAR, which list nothing.
 */
import type { CID } from 'multiformats/cid'
import { InvalidArgumentError, StorageError } from '../errors.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { NewBundle } from '../interface/store.ts'
import { writeConcurrency } from '../limits.ts'
import { blockKey } from './block-key.ts'
import { layOutCar } from './bundle-files.ts'
import { collectBlocks } from './collect-blocks.ts'
import type { CollectedBlock } from './collect-blocks.ts'
import { isKept } from './holds.ts'
import type { IndexedBlock } from './index-changes.ts'
import type { KeptHomes } from './kept-homes.ts'
import { rootText } from './paths.ts'
import type { WrittenFile } from './place-file.ts'
import { giveListing, takeListing } from './listing-charge.ts'
import { encodeRecord } from './record-file.ts'
import type { RecordFile } from './record-file.ts'
import type { StoreParts } from './store-parts.ts'

/** A block that was put. `bytes` are there until they are in a file of their own or turn out to be stored already. */
export interface StagedBlock {
  cid: CID
  length: number
  bytes: Uint8Array | undefined
  place: 'memory' | 'file' | 'store'
}

/** The blocks that were put. */
export interface CommitSource {
  homes: Pick<KeptHomes, 'find'>
  staged(key: string): Readonly<StagedBlock> | undefined
  get(cid: CID, options?: AbortOptions): Promise<Uint8Array>
  settle(): Promise<void>
  abandon(): void
}

/** Where the bytes of a block of the new bundle are. */
interface Found {
  place: 'memory' | 'file' | 'elsewhere'
  length: number
  /** True when it was put. */
  isNew: boolean
}

interface Plan {
  root: string
  makeFile: () => Promise<RecordFile>
  blocks: IndexedBlock[]
  /** Of the CAR; none when there is no CAR. */
  chunks: Uint8Array[]
  /** Directories with new names in them. */
  directories: Set<string>
}

/**
 * Makes a bundle durable and lists it.
 *
 * @throws {@link NotStoredError} when its DAG is not complete
 */
export async function commitBundle (parts: StoreParts, source: CommitSource, record: NewBundle,
  options: AbortOptions): Promise<RecordFile> {
  const root = rootText(record.root)
  if (parts.doubtful.has(root)) {
    throw new StorageError(`Bundle ${root} was left half-way by a failing drive; open the repository again`, { root })
  }
  if (!Number.isSafeInteger(record.storedAt) || record.storedAt < 0) {
    throw new InvalidArgumentError(`storedAt is ${record.storedAt}; it must be milliseconds since 1970`, { storedAt: record.storedAt })
  }
  await source.settle()
  const plan = makePlan(parts, source, record, await collect(parts, source, record.root, options))
  options.signal?.throwIfAborted()
  const file = await makeDurable(parts, source, plan)
  parts.records.set(root, file)
  return file
}

function collect (parts: StoreParts, source: CommitSource, root: CID, options: AbortOptions): Promise<CollectedBlock<Found>[]> {
  return collectBlocks<Found>(root, {
    find: cids => find(source, cids, rootText(root)),
    load: cid => source.get(cid, options)
  }, options)
}

async function find (source: CommitSource, cids: readonly CID[], root: string): Promise<(Found | undefined)[]> {
  const keys = cids.map(blockKey)
  const isElsewhere = (key: string): boolean => (source.staged(key)?.place ?? 'store') === 'store'
  const lookUp = keys.filter(isElsewhere)
  const homes = await source.homes.find(lookUp, root)
  const stored = new Map(lookUp.map((key, at) => [key, homes[at]]))
  return keys.map(key => {
    const block = source.staged(key)
    if (block !== undefined && block.place !== 'store') return { place: block.place, length: block.length, isNew: true }
    const home = stored.get(key)
    if (home === undefined) return undefined
    return { place: home.place === 'file' ? 'file' : 'elsewhere', length: home.length, isNew: false }
  })
}

function makePlan (parts: StoreParts, source: CommitSource, record: NewBundle,
  collected: CollectedBlock<Found>[]): Plan {
  const car = layOutCar(record.root, collected.flatMap(({ cid, key, found }) => {
    const bytes = found.place === 'memory' ? source.staged(key)?.bytes : undefined
    return bytes === undefined ? [] : [{ cid, bytes }]
  }))
  const offsets = new Map(car.placed.map(({ key, offset }) => [key, offset]))
  const { blockFiles, paths } = parts
  const inNewFiles = collected.filter(({ found }) => found.isNew && found.place === 'file')
  const directories = blockFiles.directoriesOf(inNewFiles.map(({ cid }) => cid))
  if (directories.size > 0) directories.add(paths.blocks)
  return {
    root: rootText(record.root),
    makeFile: () => makeRecord(parts, record, collected, car.placed.length),
    blocks: collected.map(({ key, found: { place, length } }) => ({
      key, length, offset: offsets.get(key) ?? 0, place: place === 'memory' ? 'car' : place
    })),
    chunks: car.placed.length === 0 ? [] : car.chunks,
    directories
  }
}

async function makeRecord ({ unreadable }: StoreParts, record: NewBundle, blocks: CollectedBlock<Found>[],
  carBlocks: number): Promise<RecordFile> {
  const { root, kind, origin, readers, embargoed, revealAt, links, holds, delegations, task, session, answers, storedAt } = record
  const statements = typeof record.statements === 'function' ? await record.statements() : record.statements
  const bundle = {
    root: root.toV1(), kind, origin, readers, embargoed, holds, statements, storedAt,
    ...revealAt === undefined ? {} : { revealAt },
    ...links === undefined ? {} : { links },
    ...delegations === undefined ? {} : { delegations },
    ...task === undefined ? {} : { task },
    ...session === undefined ? {} : { session },
    ...answers === undefined ? {} : { answers: answers.toV1() },
    bytes: blocks.reduce((sum, { found }) => sum + found.length, 0),
    blocks: blocks.length
  }
  const older = unreadable.get(rootText(root))
  const revision = Math.max(storedAt, (older ?? -1) + 1)
  return { bundle, revision, carBlocks, unknown: {}, ...older === undefined ? {} : { stale: [older] } }
}

async function makeDurable (parts: StoreParts, source: CommitSource, plan: Plan): Promise<RecordFile> {
  const { root, blocks, chunks } = plan
  const { bundleFiles, index, running } = parts
  let named: RecordFile | undefined
  await takeListing(parts, blocks.length)
  try {
    const { car, record, file } = await writeFiles(parts, plan)
    try {
      running.assertNotCut()
    } catch (error) {
      await Promise.all([car?.discard(), record.discard()])
      throw error
    }
    await car?.place().catch(async (error: unknown) => {
      await record.discard()
      throw error
    })
    named = file
    await record.place()
    await bundleFiles.syncNames()
    await index.add(root, blocks, { record: encodeRecord(file), isKept: isKept(file.bundle, index.usage.at) })
    return file
  } catch (error) {
    giveListing(parts, blocks.length)
    if (named !== undefined) await takeBack(parts, source, named)
    if (chunks.length > 0 && !parts.doubtful.has(root)) {
      await bundleFiles.removeCar(root).catch(() => { /* The next open removes it. */ })
    }
    throw error
  }
}

interface WrittenBundle {
  file: RecordFile
  record: WrittenFile
  /** Undefined when there is no CAR. */
  car: WrittenFile | undefined
}

/** Everything that has to be on the drive before the record has its name, all at once. */
async function writeFiles ({ bundleFiles, fileSystem }: StoreParts,
  { root, makeFile, chunks, directories }: Plan): Promise<WrittenBundle> {
  const writing = {
    car: chunks.length === 0 ? undefined : bundleFiles.writeCar(root, chunks),
    names: forEachConcurrent(directories, writeConcurrency, directory => fileSystem.syncDirectory(directory)),
    // What is signed here is signed while the others wait for the drive.
    record: makeFile().then(async file => ({ file, record: await bundleFiles.writeRecord(file) }))
  }
  try {
    const [car, written] = await Promise.all([writing.car, writing.record, writing.names])
    return { car, ...written }
  } catch (error) {
    const [car, written] = await Promise.allSettled([writing.car, writing.record, writing.names])
    if (car.status === 'fulfilled') await car.value?.discard()
    if (written.status === 'fulfilled') await written.value.record.discard()
    throw error
  }
}

/** What was not acknowledged is not listed either; its blocks may go only when its record is gone for good. */
async function takeBack (parts: StoreParts, source: CommitSource, file: RecordFile): Promise<void> {
  const { bundleFiles, doubtful, index, log } = parts
  const root = rootText(file.bundle.root)
  try {
    await bundleFiles.removeRecord(root, file.revision)
    await bundleFiles.syncNames()
    await index.forget(root)
  } catch (error) {
    doubtful.add(root)
    source.abandon()
    log(`bundle ${root} is in doubt until the repository is opened again: ${String(error)}`)
  }
}
