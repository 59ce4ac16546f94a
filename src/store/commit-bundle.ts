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
import { layOutCar } from './bundle-files.ts'
import type { WrittenRecord } from './bundle-files.ts'
import type { ClaimedFiles } from './claimed-files.ts'
import { collectBlocks } from './collect-blocks.ts'
import { CommitList } from './commit-list.ts'
import type { CommitBlock } from './commit-list.ts'
import { isKept } from './holds.ts'
import type { KeptHomes } from './kept-homes.ts'
import { rootText } from './paths.ts'
import type { WrittenFile } from './place-file.ts'
import { giveListing, takeListing } from './listing-charge.ts'
import type { RecordFile } from './record-file.ts'
import type { StagedBlock } from './staged-table.ts'
import type { StoreParts } from './store-parts.ts'

/** The blocks that were put. */
export interface CommitSource {
  homes: Pick<KeptHomes, 'find'>
  files: Pick<ClaimedFiles, 'listed'>
  staged(key: string): Readonly<StagedBlock> | undefined
  get(cid: CID, options?: AbortOptions): Promise<Uint8Array>
  settle(): Promise<void>
  abandon(): void
}

/** Where the bytes of a block of the new bundle are. */
interface Found extends Omit<CommitBlock, 'cid'> {
  /** True when it was put. */
  isNew: boolean
  /** Of a block that goes into the CAR. */
  bytes?: Uint8Array | undefined
}

interface Plan {
  root: string
  makeFile: () => Promise<RecordFile>
  blocks: CommitList
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
  const plan = await makePlan(parts, source, record, options)
  options.signal?.throwIfAborted()
  const file = await makeDurable(parts, source, plan)
  parts.records.set(root, file)
  source.files.listed(plan.blocks)
  return file
}

async function find (source: CommitSource, keys: readonly string[], root: string): Promise<(Found | undefined)[]> {
  const staged = keys.map(key => source.staged(key))
  const lookUp = keys.filter((_, at) => (staged[at]?.place ?? 'store') === 'store')
  const homes = await source.homes.find(lookUp, root)
  const stored = new Map(homes.map((home, at) => [lookUp[at], home]))
  return keys.map((key, at) => {
    const block = staged[at]
    if (block !== undefined && block.place !== 'store') {
      const { place, length, bytes } = block
      return place === 'memory' ? { place: 'car', length, bytes, isNew: true } : { place: 'file', length, isNew: true }
    }
    const home = stored.get(key)
    if (home === undefined) return undefined
    return { place: home.place === 'file' ? 'file' : 'elsewhere', length: home.length, isNew: false }
  })
}

async function makePlan (parts: StoreParts, source: CommitSource, record: NewBundle, options: AbortOptions): Promise<Plan> {
  const root = rootText(record.root)
  const blocks = new CommitList()
  const inCar: { cid: CID, bytes: Uint8Array }[] = []
  const directories = new Set<string>()
  const collected = collectBlocks<Found>(record.root, {
    find: (_, keys) => find(source, keys, root),
    load: cid => source.get(cid, options)
  }, options)
  for await (const { cid, found } of collected) {
    blocks.add({ cid, ...found })
    if (found.isNew && found.place === 'file') directories.add(parts.paths.block(cid).directory)
    if (found.bytes !== undefined) inCar.push({ cid, bytes: found.bytes })
  }
  const car = layOutCar(record.root, inCar)
  for (const { key, offset } of car.placed) blocks.locate(key, offset)
  if (directories.size > 0) directories.add(parts.paths.blocks)
  return {
    root,
    makeFile: () => makeRecord(parts, record, blocks, car.placed.length),
    blocks,
    chunks: car.placed.length === 0 ? [] : car.chunks,
    directories
  }
}

async function makeRecord ({ unreadable }: StoreParts, record: NewBundle, blocks: CommitList,
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
    bytes: blocks.bytes,
    blocks: blocks.size
  }
  const older = unreadable.get(rootText(root))
  const revision = Math.max(storedAt, (older ?? -1) + 1)
  return { bundle, revision, carBlocks, unknown: {}, ...older === undefined ? {} : { stale: [older] } }
}

async function makeDurable (parts: StoreParts, source: CommitSource, plan: Plan): Promise<RecordFile> {
  const { root, blocks, chunks } = plan
  const { bundleFiles, index, running } = parts
  let named: RecordFile | undefined
  await takeListing(parts, blocks.size)
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
    await index.add(root, blocks, { record: record.bytes, isKept: isKept(file.bundle, index.usage.at) })
    return file
  } catch (error) {
    giveListing(parts, blocks.size)
    if (named !== undefined) await takeBack(parts, source, named)
    if (chunks.length > 0 && !parts.doubtful.has(root)) {
      await bundleFiles.removeCar(root).catch(() => { /* The next open removes it. */ })
    }
    throw error
  }
}

interface WrittenBundle {
  file: RecordFile
  record: WrittenRecord
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
