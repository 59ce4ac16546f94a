import { decodeHome, decodeList } from './block-location.ts'
import type { BlockHome, ListedBlock } from './block-location.ts'
import { blockKeyOf, metaKeyOf, shareKeyOf } from './index-changes.ts'
import type { IndexDatabase } from './index-database.ts'

/** What can be asked of the index. Its layout is described where it is written. */
export class IndexReader {
  readonly #database: IndexDatabase

  constructor (database: IndexDatabase) {
    this.#database = database
  }

  /** True when it has refused a write: then the next open has to compare it with the files. */
  get hasRefused (): boolean {
    return this.#database.hasRefused === true
  }

  /** A note as it was written; undefined when there is none. */
  async note (name: string): Promise<string | undefined> {
    const [value] = await this.#database.getMany([metaKeyOf(name)])
    return value === undefined ? undefined : Buffer.from(value).toString()
  }

  /** Where blocks are; undefined for those that no bundle has. */
  async find (keys: readonly string[]): Promise<(BlockHome | undefined)[]> {
    if (keys.length === 0) return []
    const values = await this.#database.getMany(keys.map(blockKeyOf))
    return values.map(value => value === undefined ? undefined : decodeHome(value))
  }

  /** Where blocks are for a bundle that is not the first to have them. */
  async sharesOf (root: string, keys: readonly string[]): Promise<(BlockHome | undefined)[]> {
    const values = await this.#database.getMany(keys.map(key => shareKeyOf(key, root)))
    return values.map(value => value === undefined ? undefined : decodeHome(value))
  }

  /** True when a bundle has the block in a file of its own. */
  async hasFile (key: string): Promise<boolean> {
    return (await this.haveFiles([key])).includes(true)
  }

  /** Says of each block whether a bundle has it in a file of its own. */
  async haveFiles (keys: readonly string[]): Promise<boolean[]> {
    const homes = await this.find(keys)
    return await Promise.all(homes.map(async (home, at) => {
      if (home?.place === 'file') return true
      if (home?.shared === true) for await (const { place } of this.#shares(keys[at] ?? '')) if (place === 'file') return true
      return false
    }))
  }

  /** Where blocks are for one of their bundles; undefined for those that it does not have. */
  async placesOf (root: string, keys: readonly string[]): Promise<(BlockHome | undefined)[]> {
    const homes = await this.find(keys)
    const shares = await this.sharesOf(root, keys)
    return homes.map((home, at) => home?.root === root ? home : shares[at])
  }

  /** Roots of all bundles that a block belongs to. */
  async ownersOf (key: string): Promise<string[]> {
    const [home] = await this.find([key])
    const owners = home === undefined ? [] : [home.root]
    if (home?.shared === true) for await (const share of this.#shares(key)) owners.push(share.root)
    return owners
  }

  /** True when one of the bundles that a block belongs to is as asked. */
  async belongsToSome (key: string, isWanted: (root: string) => boolean): Promise<boolean> {
    const [home] = await this.find([key])
    return home !== undefined && this.someOwner(key, home, isWanted)
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

  /** How many blocks a bundle has here. */
  async countOf (root: string): Promise<number> {
    let blocks = 0
    for await (const part of this.blocksOf(root)) blocks += part.length
    return blocks
  }

  /** Bytes of the blocks of a bundle that no other bundle has. */
  async ownBytesOf (root: string): Promise<number> {
    let bytes = 0
    for await (const blocks of this.blocksOf(root)) {
      const homes = await this.find(blocks.map(({ key }) => key))
      for (const [at, { key, length }] of blocks.entries()) {
        const home = homes[at]
        if (home?.root === root && (!home.shared || await this.heir(key, root) === undefined)) bytes += length
      }
    }
    return bytes
  }

  /** A bundle that has the block itself, or else one that links it. */
  async heir (key: string, except: string): Promise<BlockHome | undefined> {
    let heir: BlockHome | undefined
    for await (const share of this.#shares(key)) {
      if (share.root !== except && (heir === undefined || share.place !== 'elsewhere')) heir = share
      if (heir !== undefined && heir.place !== 'elsewhere') break
    }
    return heir
  }

  protected async someOwner (key: string, home: BlockHome, isWanted: (root: string) => boolean): Promise<boolean> {
    if (isWanted(home.root)) return true
    if (!home.shared) return false
    for await (const { root } of this.#shares(key)) if (isWanted(root)) return true
    return false
  }

  async *#shares (key: string): AsyncGenerator<BlockHome> {
    for await (const { value } of this.#database.entries(`/share/${key}/`)) yield decodeHome(value)
  }
}
