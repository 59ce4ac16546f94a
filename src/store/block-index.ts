/**
 * Which blocks there are, where they are, and which bundles they belong to. Everything in it can be made again from the files.
 *
 * ```
 * /block/<key>          the first bundle that the block belongs to, and where it is
 * /share/<key>/<root>   the same for every further bundle
 * /list/<root>/<n>      blocks of a bundle, in parts
 * /bundle/<root>        the record of a bundle, as in its file
 * /meta/<name>          notes: version of this layout, totals, and what else is worth keeping
 * ```
 *
 * A block file belongs to every bundle that has the block; the part of a CAR belongs to the CAR's bundle alone.
 */
import { Slots } from '../format/slots.ts'
import { decodeHome, encodeHome, encodeList } from './block-location.ts'
import type { ListedBlock } from './block-location.ts'
import { blockKeyOf, changesToAddBlock, changesToRemoveBlock, decodeUsage, metaKeyOf, usageChange } from './index-changes.ts'
import type { IndexedBlock, IndexUsage, RemovedBlock } from './index-changes.ts'
import type { IndexChange, IndexDatabase } from './index-database.ts'
import { inParts } from './in-parts.ts'
import { IndexReader } from './index-reader.ts'

/** A bundle as it is put into the index. */
export interface IndexedBundle {
  /** As in its file. */
  record: Uint8Array
  /** True when it may not be collected. */
  isKept: boolean
}

const schema = Buffer.from('2')
/** With a hundred of a kind in memory at a time, V8 may take all of their kind for what stays, and look for them rarely. */
const partBlocks = 64
/** Small enough for others to get their turn while a large bundle is removed. */
const removedBlocks = 512

/** The index over one database. */
export class BlockIndex extends IndexReader {
  readonly #database: IndexDatabase
  /** Changes read what they change, so there is one at a time. */
  readonly #writing = new Slots(1)
  /** Bundles that count as kept in the totals. */
  readonly #kept = new Set<string>()
  #usage: IndexUsage = { bytes: 0, keptBytes: 0, at: 0 }

  constructor (database: IndexDatabase) {
    super(database)
    this.#database = database
  }

  /** Reads the totals. False when there is no index of this layout: then it is empty now and has to be made. */
  async open (): Promise<boolean> {
    const [found, usage] = await this.#database.getMany(['schema', 'usage'].map(metaKeyOf))
    if (found !== undefined && schema.equals(found)) {
      this.#usage = decodeUsage(usage)
      return true
    }
    for (const prefix of ['/block/', '/share/', '/list/', '/bundle/', '/meta/']) await this.#clear(prefix)
    await this.#database.write([{ key: metaKeyOf('schema'), value: schema }])
    return false
  }

  get usage (): IndexUsage {
    return { ...this.#usage }
  }

  /** Keeps a note, on the drive when it resolves; it may be lost with the index. */
  async writeNote (name: string, text: string): Promise<void> {
    await this.#database.write([{ key: metaKeyOf(name), value: Buffer.from(text) }], { sync: true })
  }

  /**
   * Puts a bundle and its blocks in. Without a record its blocks can be found, but it is not listed yet. Doing it again
   * changes nothing.
   */
  add (root: string, blocks: Iterable<IndexedBlock>, bundle?: IndexedBundle): Promise<void> {
    return this.#writing.run(async () => {
      const usage = { ...this.#usage }
      const isKept = bundle?.isKept === true
      let part = 0
      for (const [some, isLast] of inParts(blocks, partBlocks)) {
        const changes = await this.#changesToAdd(root, some, isKept, usage)
        changes.push({ key: `/list/${root}/${String(part++).padStart(8, '0')}`, value: encodeList(some) })
        if (isLast && bundle !== undefined) {
          changes.push({ key: `/bundle/${root}`, value: bundle.record }, usageChange(usage))
        }
        await this.#database.write(changes)
      }
      if (bundle === undefined) return
      this.#usage = usage
      if (isKept) this.#kept.add(root)
    })
  }

  /** Puts another record in the place of a bundle's. */
  changeRecord (root: string, record: Uint8Array): Promise<void> {
    return this.#database.write([{ key: `/bundle/${root}`, value: record }])
  }

  /** Counts a bundle's blocks as kept, or as cache. */
  setKept (root: string, isKept: boolean): Promise<void> {
    return this.#writing.run(async () => {
      if (this.#kept.has(root) === isKept) return
      const usage = { ...this.#usage }
      usage.keptBytes += await this.#bytesKeptBy(root) * (isKept ? 1 : -1)
      await this.#database.write([usageChange(usage)])
      this.#usage = usage
      if (isKept) this.#kept.add(root)
      else this.#kept.delete(root)
    })
  }

  /** Says that every bundle is counted as it is at this time. */
  settle (at: number): Promise<void> {
    return this.#writing.run(async () => {
      const usage = { ...this.#usage, at }
      await this.#database.write([usageChange(usage)])
      this.#usage = usage
    })
  }

  /** True when a bundle's blocks are counted as kept. */
  readonly isKept = (root: string): boolean => this.#kept.has(root)

  /** Says that blocks have files of their own now. */
  moveToFiles (keys: readonly string[]): Promise<void> {
    return this.#writing.run(async () => {
      const homes = await this.find(keys)
      await this.#database.write(homes.flatMap((home, at): IndexChange[] => home === undefined ? []
        : [{ key: blockKeyOf(keys[at] ?? ''), value: encodeHome({ ...home, place: 'file', offset: 0 }) }]))
    })
  }

  /** Forgets a bundle, part by part, so that others get their turn. Gives what each part had. */
  async *remove (root: string): AsyncGenerator<RemovedBlock[]> {
    await this.setKept(root, false)
    for await (const blocks of this.blocksOf(root)) {
      for (let from = 0; from < blocks.length; from += removedBlocks) {
        yield await this.#removePart(root, blocks.slice(from, from + removedBlocks))
      }
    }
    await this.#writing.run(() => this.#clear(`/list/${root}/`))
    // Last, so that the next open finishes what a crash leaves half-done.
    await this.#database.write([{ key: `/bundle/${root}` }])
  }

  /** Forgets a bundle at once. */
  async forget (root: string): Promise<void> {
    const parts = this.remove(root)
    while ((await parts.next()).done !== true) { /* Its files are somebody else's work. */ }
  }

  /** Lets the next open make the index again: it has lost something, and may have lost more. */
  async doubt (): Promise<void> {
    await this.#database.write([{ key: metaKeyOf('schema') }])
  }

  /** Computes the totals anew, with these bundles kept at this time; without them with those that count as kept now. */
  recount (kept: Iterable<string> = this.#kept, at: number = this.#usage.at): Promise<void> {
    return this.#writing.run(async () => {
      this.assumeKept([...kept])
      const usage = { bytes: 0, keptBytes: 0, at }
      const keptByOthers = new Set<string>()
      for await (const { key } of this.#database.entries('/share/')) {
        const [, , block, root] = key.split('/')
        if (block !== undefined && root !== undefined && this.#kept.has(root)) keptByOthers.add(block)
      }
      for await (const { key, value } of this.#database.entries('/block/')) {
        const { length, root } = decodeHome(value)
        usage.bytes += length
        if (this.#kept.has(root) || keptByOthers.has(key.slice('/block/'.length))) usage.keptBytes += length
      }
      await this.#database.write([usageChange(usage)])
      this.#usage = usage
    })
  }

  /** Says which bundles were kept when the totals were written. */
  assumeKept (roots: Iterable<string>): void {
    this.#kept.clear()
    for (const root of roots) this.#kept.add(root)
  }

  close (): Promise<void> {
    return this.#writing.run(() => this.#database.close())
  }

  async #changesToAdd (root: string, blocks: readonly IndexedBlock[], isKept: boolean,
    usage: IndexUsage): Promise<IndexChange[]> {
    const homes = await this.find(blocks.map(({ key }) => key))
    const changes: IndexChange[] = []
    for (const [index, block] of blocks.entries()) {
      const home = homes[index]
      const isNew = home === undefined
      if (isNew) usage.bytes += block.length
      if (isKept && (isNew || !await this.someOwner(block.key, home, this.isKept))) usage.keptBytes += block.length
      changes.push(...changesToAddBlock(root, block, home))
    }
    return changes
  }

  async #bytesKeptBy (root: string): Promise<number> {
    let bytes = 0
    const isOtherKept = (other: string): boolean => other !== root && this.#kept.has(other)
    for await (const blocks of this.blocksOf(root)) {
      const homes = await this.find(blocks.map(({ key }) => key))
      for (const [index, { key, length }] of blocks.entries()) {
        const home = homes[index]
        if (home !== undefined && !await this.someOwner(key, home, isOtherKept)) bytes += length
      }
    }
    return bytes
  }

  #removePart (root: string, blocks: readonly ListedBlock[]): Promise<RemovedBlock[]> {
    return this.#writing.run(async () => {
      const keys = blocks.map(({ key }) => key)
      const homes = await this.find(keys)
      const shares = await this.sharesOf(root, keys)
      const usage = { ...this.#usage }
      const changes: IndexChange[] = []
      const removed: RemovedBlock[] = []
      for (const [index, { key, length }] of blocks.entries()) {
        const home = homes[index]
        if (home === undefined) continue
        const isFirst = home.root === root
        const heir = isFirst && home.shared ? await this.heir(key, root) : undefined
        const isLast = isFirst && heir === undefined
        changes.push(...changesToRemoveBlock(root, key, home, heir))
        removed.push({ key, length, isLast, place: (isFirst ? home : shares[index])?.place ?? 'elsewhere' })
        if (isLast) usage.bytes -= length
      }
      await this.#database.write([...changes, usageChange(usage)])
      this.#usage = usage
      return removed
    })
  }

  async #clear (prefix: string): Promise<void> {
    let changes: IndexChange[] = []
    for await (const { key } of this.#database.entries(prefix)) {
      changes.push({ key })
      if (changes.length < partBlocks) continue
      await this.#database.write(changes)
      changes = []
    }
    await this.#database.write(changes)
  }
}
