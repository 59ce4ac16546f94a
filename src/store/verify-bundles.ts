import { setImmediate } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import { CorruptBlockError, NotStoredError } from '../errors.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { VerifyBlocksOptions, VerifyReport } from '../interface/verify.ts'
import { verifyConcurrency } from '../limits.ts'
import { cidOfKey, matchesCid } from './block-key.ts'
import type { BlockHome } from './block-location.ts'
import { innerCidsOf } from './block-names.ts'
import { rootText } from './paths.ts'
import { ReadBudget, wait } from './read-budget.ts'
import { readBlock, unlessDamaged } from './read-block.ts'
import { isIndexed, reindexBundle } from './reindex-bundle.ts'
import type { StoreParts } from './store-parts.ts'

/** What checking takes. */
export type VerifyParts = StoreParts

/** How to check, and at whose expense. */
export interface VerifyBundlesOptions extends VerifyBlocksOptions {
  /** In place of `bytesPerSecond`. */
  budget?: Pick<ReadBudget, 'take'> | undefined
}

/** Blocks that are read together: those of a CAR, or one with a file of its own. */
interface Batch {
  /** The bundle whose CAR it is. */
  car: string | undefined
  blocks: { key: string, home: BlockHome }[]
}

/**
 * Reads and hashes every block of one bundle, or of all, each once and from the disk. What is damaged counts as that from now on.
 *
 * @throws {@link NotStoredError} when the root is not stored
 */
export async function verifyBundles (parts: VerifyParts, root: CID | undefined,
  options: VerifyBundlesOptions = {}): Promise<VerifyReport> {
  options.signal?.throwIfAborted()
  const text = root === undefined ? undefined : rootText(root)
  if (text !== undefined && !parts.records.has(text)) throw new NotStoredError(`Bundle ${text} is not in this repository`, { root: text })
  const roots = text === undefined ? [...parts.records.keys()] : [text]
  const verification = new Verification(parts, options, roots)
  for (const one of roots) await verification.bundle(one, text === undefined)
  return verification.report
}

class Verification {
  readonly report: VerifyReport = { bundles: 0, blocks: 0, bytes: 0, damaged: [] }
  readonly #parts: VerifyParts
  readonly #options: VerifyBundlesOptions
  readonly #budget: Pick<ReadBudget, 'take'> | undefined
  readonly #blocksTotal: number
  /** Blocks of all bundles, shared ones counted for each. */
  #blocksDone = 0
  /** CIDs of blocks that are not raw, of the bundle that was damaged last. */
  #names: { root: string, cids: Promise<Map<string, CID>> } | undefined

  constructor (parts: VerifyParts, options: VerifyBundlesOptions, roots: readonly string[]) {
    const { budget, bytesPerSecond } = options
    this.#parts = parts
    this.#options = options
    this.#blocksTotal = roots.reduce((sum, root) => sum + (parts.records.get(root)?.bundle.blocks ?? 0), 0)
    const own = bytesPerSecond === undefined ? undefined : new ReadBudget(bytesPerSecond, { now: () => performance.now(), wait })
    this.#budget = budget ?? own
  }

  /** Checks one bundle; when all are checked, a shared block is left to the one bundle that is its first. */
  async bundle (root: string, leaveShared: boolean): Promise<void> {
    const { index, records } = this.#parts
    if (!records.has(root)) return
    this.report.bundles++
    // What the index lost is no damage: the files are whole.
    if (!await isIndexed(this.#parts, root)) await reindexBundle(this.#parts, root)
    for await (const listed of index.blocksOf(root)) {
      this.#options.signal?.throwIfAborted()
      const keys = listed.map(({ key }) => key)
      const homes = await index.find(keys)
      const batches = batchesOf(keys, leaveShared ? homes.map(home => home?.root === root ? home : undefined) : homes)
      const batched = batches.reduce((sum, { blocks }) => sum + blocks.length, 0)
      this.#progress(listed.length - batched)
      await forEachConcurrent(batches, verifyConcurrency, batch => this.#batch(root, batch))
    }
  }

  async #batch (root: string, { car, blocks }: Batch): Promise<void> {
    const { signal } = this.#options
    const bytes = blocks.reduce((sum, { home }) => sum + home.length, 0)
    await this.#budget?.take(bytes, { signal })
    signal?.throwIfAborted()
    const sections = car === undefined ? undefined : await this.#readCar(car)
    for (const { key, home } of blocks) {
      const read = sections === undefined ? await readBlock(this.#parts, cidOfKey(key), home) : sections.get(key)
      const isGood = read instanceof Uint8Array && (sections === undefined || matchesCid(cidOfKey(key), read))
      // One that is known to be damaged may have been put right by hand.
      if (!isGood || this.#parts.damage.has(key)) await this.#examine(root, key, { signal })
      this.report.blocks++
      this.report.bytes += home.length
    }
    this.#progress(blocks.length)
    // Files in memory are read without a pause.
    await setImmediate()
  }

  async #readCar (root: string): Promise<Map<string, Uint8Array>> {
    const { bundleFiles, paths } = this.#parts
    const blocks = await unlessDamaged(paths.car(root), () => bundleFiles.readCar(root))
    return new Map(Array.isArray(blocks) ? blocks.map(({ key, bytes }) => [key, bytes]) : [])
  }

  async #examine (root: string, key: string, options: AbortOptions): Promise<void> {
    const { blocks, index, records } = this.#parts
    const cid = (await this.#namesOf(root, options)).get(key) ?? cidOfKey(key)
    try {
      await blocks.examine(cid)
    } catch (error) {
      if (!(error instanceof CorruptBlockError) && !(error instanceof NotStoredError)) throw error
      const bundles = (await index.ownersOf(key)).filter(owner => records.has(owner))
      // A bundle that went away meanwhile takes its blocks with it.
      if (bundles.length > 0) this.report.damaged.push({ cid: cid.toString(), path: String(error.details['path']), bundles })
    }
  }

  /** Files are named by bytes alone: what a block is linked by has to be looked up when it is damaged. */
  #namesOf (root: string, options: AbortOptions): Promise<Map<string, CID>> {
    if (this.#names?.root === root) return this.#names.cids
    const record = this.#parts.records.get(root)
    const cids = record === undefined ? Promise.resolve(new Map<string, CID>())
      : innerCidsOf(record.bundle.root, this.#parts.blocks, options)
    this.#names = { root, cids }
    return cids
  }

  #progress (blocks: number): void {
    this.#blocksDone += blocks
    try {
      this.#options.onProgress?.({
        blocksDone: this.#blocksDone,
        blocksTotal: Math.max(this.#blocksTotal, this.#blocksDone),
        bytesDone: this.report.bytes,
        damaged: this.report.damaged.length
      })
    } catch {
      // The host's display is no reason to break off the work.
    }
  }
}

function batchesOf (keys: readonly string[], homes: readonly (BlockHome | undefined)[]): Batch[] {
  const cars = new Map<string, Batch>()
  const batches: Batch[] = []
  for (const [at, key] of keys.entries()) {
    const home = homes[at]
    if (home === undefined) continue
    const known = home.place === 'car' ? cars.get(home.root) : undefined
    if (known === undefined) {
      const batch = { car: home.place === 'car' ? home.root : undefined, blocks: [{ key, home }] }
      batches.push(batch)
      if (home.place === 'car') cars.set(home.root, batch)
    } else {
      known.blocks.push({ key, home })
    }
  }
  return batches
}
