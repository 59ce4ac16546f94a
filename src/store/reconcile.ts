/**
 * Makes the index say what the files say, when a repository is opened. What a commit left unfinished is removed:
 *
 * - a CAR without a record, and a record without its CAR
 * - a record of which there is a newer revision
 * - everything in `temp/`
 * - block files that no record lists, when a mark in `temp/` or `partials/` says that there may be some; but not those of a
 *   bundle that is not whole yet
 *
 * A record that cannot be read, and one whose blocks are damaged, stay as they are: they may have been acknowledged.
 *
 * LevelDB opens without an error after it has lost what it had synced. Records are compared by the names of their files; after an
 * unclean end the number of blocks is compared too.
 */
import { join } from 'node:path'
import { NewerFormatError, StorageError } from '../errors.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { readConcurrency } from '../limits.ts'
import type { BundleFileNames } from './bundle-files.ts'
import { isKept } from './holds.ts'
import { isMark, rootText } from './paths.ts'
import { indexBundles } from './reindex.ts'
import { decodeRecord, encodeRecord } from './record-file.ts'
import type { RecordFile } from './record-file.ts'
import type { StoreParts } from './store-parts.ts'
import { sweepBlockFiles } from './sweep.ts'

/** What is known of how the repository was left. */
export interface ReconcileOptions {
  /** True when it was closed in order. */
  wasClosed: boolean
}

/** Fills `parts.records`, and cleans up what a crash left. */
export async function reconcile (parts: StoreParts, { wasClosed }: ReconcileOptions): Promise<void> {
  const { fileSystem, index, paths, records } = parts
  const temps = await fileSystem.list(paths.temp)
  await forEachConcurrent(temps.filter(name => !isMark(name)), readConcurrency, name => fileSystem.remove(join(paths.temp, name)))
  const isComplete = await index.open()
  const indexed = isComplete ? await readIndexed(parts) : new Map<string, RecordFile>()
  const named = await parts.bundleFiles.list()
  const { added, changed } = await readBundles(parts, named, indexed)
  for (const root of indexed.keys()) {
    if (!records.has(root)) await index.forget(root)
  }
  for (const record of changed) await index.changeRecord(rootText(record.bundle.root), encodeRecord(record))
  if (!wasClosed) added.push(...await forgetIncomplete(parts, added))
  await indexBundles(parts, added)
  const isSame = added.length === 0 && changed.length === 0 && records.size === indexed.size
  if (isSame && wasClosed) index.assumeKept(keptAt(parts, index.usage.at))
  else await index.recount(keptAt(parts, parts.clock()), parts.clock())
  await sweep(parts, temps.filter(isMark))
}

/** Takes up the bundles that are not whole yet, and removes what belongs to none. Marks stay until that could be done. */
async function sweep (parts: StoreParts, temps: readonly string[]): Promise<void> {
  const { fileSystem, partials, paths } = parts
  const { marks, useless } = await partials.load()
  if (temps.length + marks === 0 || !await sweepBlockFiles(parts)) return
  await forEachConcurrent(temps, readConcurrency, name => fileSystem.remove(join(paths.temp, name)))
  await partials.sweep(useless)
}

/** Bundles of which the index lost blocks: they are put in again. */
async function forgetIncomplete ({ index, log, records }: StoreParts, added: readonly RecordFile[]): Promise<RecordFile[]> {
  const incomplete: RecordFile[] = []
  const isAdded = new Set(added)
  for (const [root, record] of records) {
    if (isAdded.has(record)) continue
    const blocks = await index.countOf(root)
    if (blocks === record.bundle.blocks) continue
    log(`the index knows ${blocks} of ${record.bundle.blocks} blocks of bundle ${root}; they are indexed again`)
    await index.forget(root)
    incomplete.push(record)
  }
  return incomplete
}

function keptAt ({ records }: StoreParts, at: number): string[] {
  return [...records].filter(([, { bundle }]) => isKept(bundle, at)).map(([root]) => root)
}

async function readIndexed ({ index, log }: StoreParts): Promise<Map<string, RecordFile>> {
  const indexed = new Map<string, RecordFile>()
  for await (const { root, record } of index.bundles()) {
    try {
      indexed.set(root, decodeRecord(record))
    } catch {
      log(`the index does not know bundle ${root} rightly; its files are asked`)
    }
  }
  return indexed
}

interface Differences {
  /** Bundles that the index does not have. */
  added: RecordFile[]
  /** Records that the index has in another revision. */
  changed: RecordFile[]
}

async function readBundles (parts: StoreParts, named: Map<string, BundleFileNames>,
  indexed: Map<string, RecordFile>): Promise<Differences> {
  const differences: Differences = { added: [], changed: [] }
  await forEachConcurrent(named, readConcurrency, async ([root, names]) => {
    const { revisions: [current, ...older], car } = names
    const known = indexed.get(root)
    const isKnown = known !== undefined && known.revision === current
    const record = isKnown ? known : await readRecord(parts, root, current)
    if (record === 'unreadable') {
      parts.unreadable.set(root, current ?? 0)
      return
    }
    for (const revision of older) await parts.bundleFiles.removeRecord(root, revision)
    if (record === undefined || (record.carBlocks > 0 && !car)) {
      await removeUnfinished(parts, root, record, car)
      return
    }
    parts.records.set(root, record)
    if (!isKnown) differences[known === undefined ? 'added' : 'changed'].push(record)
  })
  return differences
}

async function readRecord ({ bundleFiles, log }: StoreParts, root: string, revision: number | undefined):
  Promise<RecordFile | 'unreadable' | undefined> {
  if (revision === undefined) return undefined
  try {
    const record = await bundleFiles.readRecord(root, revision)
    if (record === undefined || (record.bundle.root.toString() === root && record.revision === revision)) return record
    log(`the record of bundle ${root} belongs to ${record.bundle.root.toString()}; it is not listed`)
    return 'unreadable'
  } catch (error) {
    const isDamaged = error instanceof NewerFormatError || (error instanceof StorageError && error.details['code'] === undefined)
    if (!isDamaged) throw error
    log(`the record of bundle ${root} cannot be read, and the bundle is not listed: ${error.message}`)
    return 'unreadable'
  }
}

async function removeUnfinished (parts: StoreParts, root: string, record: RecordFile | undefined, car: boolean): Promise<void> {
  const { bundleFiles, log } = parts
  log(`what was left of bundle ${root} is removed: its ${record === undefined ? 'record' : 'CAR'} is missing`)
  if (record !== undefined) await bundleFiles.removeRecord(root, record.revision)
  if (car) await bundleFiles.removeCar(root)
}
