/**
 * Which blocks there are, where they are, and which bundles they belong to. Everything in it can be made again from the files.
 *
 * ```
 * /block/<key>          the first bundle that the block belongs to, and where it is
 * /share/<key>/<root>   the same for every further bundle
 * /list/<root>/<n>      blocks of a bundle, in parts
 * /bundle/<root>        the record of a bundle, as in its file
 * /meta/schema          version of this layout
 * /meta/usage           bytes of all blocks and of those of held bundles
 * ```
 */
import { decodeHome, decodeList, encodeHome, encodeList } from './block-location.ts'
import type { BlockHome, ListedBlock } from './block-location.ts'
import { blockKeyOf, changesToAddBlock, decodeUsage, schemaKey, shareKeyOf, usageChange, usageKey } from './index-changes.ts'
import type { IndexedBlock, IndexUsage } from './index-changes.ts'
import type { IndexChange, IndexDatabase } from './index-database.ts'
import { Slots } from './slots.ts'

/** Answers whether a bundle is held. */
export type IsHeld = (root: string) => boolean

const schema = '1'
const partBlocks = 4096

/** The index over one database. */
export class BlockIndex {
  readonly #database: IndexDatabase
  readonly #isHeld: IsHeld
  /** Changes read what they change, so there is one at a time. */
  readonly #writing = new Slots(1)
  #usage: IndexUsage = { bytes: 0, heldBytes: 0 }

  constructor (database: IndexDatabase, isHeld: IsHeld) {
    this.#database = database
    this.#isHeld = isHeld
  }

  /** Reads the totals. False when there is no index of this layout: then it is empty now and has to be made. */
  async open (): Promise<boolean> {
    const [found, usage] = await this.#database.getMany([schemaKey, usageKey])
    if (found !== undefined && Buffer.from(found).toString() === schema) {
      this.#usage = decodeUsage(usage)
      return true
    }
    for (const prefix of ['/block/', '/share/', '/list/', '/bundle/', '/meta/']) await this.#clear(prefix)
    await this.#database.write([{ key: schemaKey, value: Buffer.from(schema) }])
    return false
  }

  get usage (): IndexUsage {
    return { ...this.#usage }
  }

  /** Where blocks are; undefined for those that no bundle has. */
  async find (keys: readonly string[]): Promise<(BlockHome | undefined)[]> {
    if (keys.length === 0) return []
    const values = await this.#database.getMany(keys.map(blockKeyOf))
    return values.map(value => value === undefined ? undefined : decodeHome(value))
  }

  /** True when one of the bundles that a block belongs to is as asked. */
  async belongsToSome (key: string, isWanted: (root: string) => boolean): Promise<boolean> {
    const [home] = await this.find([key])
    return home !== undefined && this.#someOwner(key, home, isWanted)
  }

  /** Records in the index, as they were put. */
  async *bundles (): AsyncGenerator<{ root: string, record: Uint8Array }> {
    for await (const { key, value } of this.#database.entries('/bundle/')) {
      yield { root: key.slice('/bundle/'.length), record: value }
    }
  }

  /** Blocks of a bundle. */
  async *blocksOf (root: string): AsyncGenerator<ListedBlock[]> {
    for await (const { value } of this.#database.entries(`/list/${root}/`)) yield decodeList(value)
  }

  /**
   * Puts a bundle and its blocks in. Without a record its blocks can be found, but it is not listed yet. Doing it again
   * changes nothing.
   */
  add (root: string, blocks: readonly IndexedBlock[], bundle?: { record: Uint8Array, held: boolean }): Promise<void> {
    return this.#writing.run(async () => {
      const usage = { ...this.#usage }
      for (let from = 0, part = 0; from < blocks.length || part === 0; from += partBlocks, part++) {
        const some = blocks.slice(from, from + partBlocks)
        const changes = await this.#changesToAdd(root, some, bundle?.held === true, usage)
        changes.push({ key: `/list/${root}/${String(part).padStart(8, '0')}`, value: encodeList(some) })
        if (from + partBlocks >= blocks.length && bundle !== undefined) {
          changes.push({ key: `/bundle/${root}`, value: bundle.record }, usageChange(usage))
        }
        await this.#database.write(changes)
      }
      if (bundle !== undefined) this.#usage = usage
    })
  }

  /** Puts another record in the place of a bundle's. Call it before `isHeld` answers with the new state. */
  changeRecord (root: string, record: Uint8Array, held: boolean): Promise<void> {
    return this.#writing.run(async () => {
      const usage = { ...this.#usage }
      if (held !== this.#isHeld(root)) usage.heldBytes += await this.#bytesHeldBy(root) * (held ? 1 : -1)
      await this.#database.write([{ key: `/bundle/${root}`, value: record }, usageChange(usage)])
      this.#usage = usage
    })
  }

  /** Forgets a bundle. Blocks that others have too stay; `recount` is due afterwards. */
  remove (root: string): Promise<void> {
    return this.#writing.run(async () => {
      await this.#database.write([{ key: `/bundle/${root}` }])
      for await (const blocks of this.blocksOf(root)) await this.#database.write(await this.#changesToRemove(root, blocks))
      await this.#clear(`/list/${root}/`)
    })
  }

  /** Computes the totals anew. */
  recount (): Promise<void> {
    return this.#writing.run(async () => {
      const usage = { bytes: 0, heldBytes: 0 }
      const heldByOthers = new Set<string>()
      for await (const { key } of this.#database.entries('/share/')) {
        const [, , block, root] = key.split('/')
        if (block !== undefined && root !== undefined && this.#isHeld(root)) heldByOthers.add(block)
      }
      for await (const { key, value } of this.#database.entries('/block/')) {
        const { length, root } = decodeHome(value)
        usage.bytes += length
        if (this.#isHeld(root) || heldByOthers.has(key.slice('/block/'.length))) usage.heldBytes += length
      }
      await this.#database.write([usageChange(usage)])
      this.#usage = usage
    })
  }

  close (): Promise<void> {
    return this.#writing.run(() => this.#database.close())
  }

  async #changesToAdd (root: string, blocks: readonly IndexedBlock[], held: boolean, usage: IndexUsage): Promise<IndexChange[]> {
    const homes = await this.find(blocks.map(({ key }) => key))
    const changes: IndexChange[] = []
    for (const [index, block] of blocks.entries()) {
      const home = homes[index]
      const isNew = home === undefined || home.root === root
      if (isNew) usage.bytes += block.length
      if (held && (isNew || !await this.#someOwner(block.key, home, this.#isHeld))) usage.heldBytes += block.length
      changes.push(...changesToAddBlock(root, block, home))
    }
    return changes
  }

  async #bytesHeldBy (root: string): Promise<number> {
    let bytes = 0
    const isOtherHeld = (other: string): boolean => other !== root && this.#isHeld(other)
    for await (const blocks of this.blocksOf(root)) {
      const homes = await this.find(blocks.map(({ key }) => key))
      for (const [index, { key, length }] of blocks.entries()) {
        const home = homes[index]
        if (home !== undefined && !await this.#someOwner(key, home, isOtherHeld)) bytes += length
      }
    }
    return bytes
  }

  async #changesToRemove (root: string, blocks: readonly ListedBlock[]): Promise<IndexChange[]> {
    const homes = await this.find(blocks.map(({ key }) => key))
    const changes: IndexChange[] = []
    for (const [index, { key }] of blocks.entries()) {
      changes.push({ key: shareKeyOf(key, root) })
      const home = homes[index]
      if (home?.root !== root) continue
      const heir = home.shared ? await this.#heir(key, root) : undefined
      if (heir === undefined) changes.push({ key: blockKeyOf(key) })
      else changes.push({ key: shareKeyOf(key, heir.root) }, { key: blockKeyOf(key), value: encodeHome(heir) })
    }
    return changes
  }

  /** A bundle that has the block itself, or else one that links it. */
  async #heir (key: string, except: string): Promise<BlockHome | undefined> {
    let heir: BlockHome | undefined
    for await (const { value } of this.#database.entries(`/share/${key}/`)) {
      const share = decodeHome(value)
      if (share.root !== except && (heir === undefined || share.place !== 'elsewhere')) heir = share
      if (heir !== undefined && heir.place !== 'elsewhere') break
    }
    return heir
  }

  async #someOwner (key: string, home: BlockHome, isWanted: (root: string) => boolean): Promise<boolean> {
    if (isWanted(home.root)) return true
    if (!home.shared) return false
    for await (const { key: share } of this.#database.entries(`/share/${key}/`)) {
      if (isWanted(share.slice(share.lastIndexOf('/') + 1))) return true
    }
    return false
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
