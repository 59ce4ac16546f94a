import type { CID } from 'multiformats/cid'
import { NotStoredError } from '../errors.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader } from '../interface/store.ts'
import type { BlockIndex } from './block-index.ts'
import { blockKey, isStorable, matchesCid } from './block-key.ts'
import type { BlockHome } from './block-location.ts'
import type { CarCache } from './car-cache.ts'
import { corruptBlock } from './damage.ts'
import type { Damage } from './damage.ts'
import type { FileSystem } from './file-system.ts'
import type { RepositoryPaths } from './paths.ts'
import { clearQuarantine, quarantineFile } from './quarantine.ts'
import { pathOf, readBlock, unlessDamaged } from './read-block.ts'
import type { Flaw } from './read-block.ts'

/** What reading blocks takes. */
export interface StoredBlocksComponents {
  fileSystem: FileSystem
  paths: RepositoryPaths
  index: Pick<BlockIndex, 'find' | 'ownersOf'>
  cars: Pick<CarCache, 'find' | 'load'>
  damage: Damage
  log: (line: string) => void
}

/** Blocks that belong to bundles. Each is hashed whenever it is read; one that is damaged is put aside and never given. */
export class StoredBlocks implements BlockReader {
  readonly #components: StoredBlocksComponents

  constructor (components: StoredBlocksComponents) {
    this.#components = components
  }

  async get (cid: CID, options: AbortOptions = {}): Promise<Uint8Array> {
    options.signal?.throwIfAborted()
    const { cars, damage } = this.#components
    const key = blockKey(cid)
    const known = damage.get(key)
    const cached = known === undefined && isStorable(cid) ? cars.find(key) : undefined
    if (cached !== undefined && matchesCid(cid, cached)) return new Uint8Array(cached)
    const home = await this.#find(cid)
    if (home === undefined) throw notStored(cid)
    if (known !== undefined) throw corruptBlock(known)
    const read = await this.#read(cid, key, home)
    const bytes = read instanceof Uint8Array ? read : await this.examine(cid)
    options.signal?.throwIfAborted()
    return bytes
  }

  /** False for a block that is damaged: it has to come again. */
  async has (cid: CID, options: AbortOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted()
    if (this.#components.damage.has(blockKey(cid))) return false
    const home = await this.#find(cid)
    return home !== undefined && home.place !== 'elsewhere'
  }

  /** Reads a block that has a file of its own, listed or not. */
  async getFile (cid: CID, length: number, options: AbortOptions = {}): Promise<Uint8Array> {
    options.signal?.throwIfAborted()
    const read = await readBlock(this.#components, cid, { place: 'file', offset: 0, length, root: '' })
    if (read instanceof Uint8Array) return read
    throw corruptBlock({ ...read, cid, roots: [] })
  }

  /**
   * Reads a block from the disk once more, alone. From now on it counts as damaged, unless it is good.
   *
   * @throws {@link CorruptBlockError}, {@link NotStoredError}
   */
  async examine (cid: CID): Promise<Uint8Array> {
    const { damage, paths } = this.#components
    const found = await this.#find(cid)
    if (found === undefined) throw notStored(cid)
    return damage.locks.run(pathOf(paths, cid, found), async () => {
      // It may have been repaired or moved before its turn came.
      const home = await this.#find(cid)
      if (home === undefined) throw notStored(cid)
      const key = blockKey(cid)
      const read = await readBlock(this.#components, cid, home)
      if (!(read instanceof Uint8Array)) return this.#putAside(cid, key, home, read)
      if (damage.has(key)) await clearQuarantine(this.#components, pathOf(paths, cid, home))
      damage.repaired(key)
      return read
    })
  }

  async #find (cid: CID): Promise<BlockHome | undefined> {
    if (!isStorable(cid)) return undefined
    const [home] = await this.#components.index.find([blockKey(cid)])
    return home
  }

  async #read (cid: CID, key: string, home: BlockHome): Promise<Uint8Array | Flaw> {
    if (home.place !== 'car') return readBlock(this.#components, cid, home)
    const { cars, paths } = this.#components
    const flaw = await unlessDamaged(paths.car(home.root), () => cars.load(home.root))
    if (flaw !== undefined) return flaw
    const cached = cars.find(key, home.root)
    if (cached !== undefined && matchesCid(cid, cached)) return new Uint8Array(cached)
    return readBlock(this.#components, cid, home)
  }

  async #putAside (cid: CID, key: string, { place }: BlockHome, flaw: Flaw): Promise<never> {
    const { damage, index } = this.#components
    const known = damage.get(key)
    if (known !== undefined) throw corruptBlock(known)
    const block = { cid, ...flaw, roots: await index.ownersOf(key) }
    // Moved before anybody is told, because whoever is told may write it anew.
    if (place === 'file') await quarantineFile(this.#components, flaw.path)
    damage.add(key, block)
    throw corruptBlock(block)
  }
}

/** Says that no bundle has a block. */
export function notStored (cid: CID): NotStoredError {
  return new NotStoredError(`Block ${cid.toString()} is not in this repository`, { cid: cid.toString() })
}
