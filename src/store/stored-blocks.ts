import type { CID } from 'multiformats/cid'
import { CorruptBlockError, NotStoredError, StorageError } from '../errors.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader } from '../interface/store.ts'
import type { BlockIndex } from './block-index.ts'
import { blockKey, isStorable, matchesCid } from './block-key.ts'
import type { BlockHome } from './block-location.ts'
import type { CarCache } from './car-cache.ts'
import type { FileSystem } from './file-system.ts'
import type { RepositoryPaths } from './paths.ts'

/** What reading blocks takes. */
export interface StoredBlocksComponents {
  fileSystem: Pick<FileSystem, 'readFile'>
  paths: RepositoryPaths
  index: Pick<BlockIndex, 'find'>
  cars: Pick<CarCache, 'find' | 'load' | 'forget'>
}

/** Blocks that belong to bundles. Each is hashed whenever it is read. */
export class StoredBlocks implements BlockReader {
  readonly #components: StoredBlocksComponents

  constructor (components: StoredBlocksComponents) {
    this.#components = components
  }

  async get (cid: CID, options: AbortOptions = {}): Promise<Uint8Array> {
    options.signal?.throwIfAborted()
    const { cars } = this.#components
    const key = blockKey(cid)
    const cached = isStorable(cid) ? cars.find(key) : undefined
    if (cached !== undefined && matchesCid(cid, cached)) return new Uint8Array(cached)
    const home = await this.#find(cid)
    if (home === undefined) throw notStored(cid)
    const bytes = await this.#read(cid, key, home)
    options.signal?.throwIfAborted()
    return bytes
  }

  async has (cid: CID, options: AbortOptions = {}): Promise<boolean> {
    options.signal?.throwIfAborted()
    return await this.#find(cid) !== undefined
  }

  /** Reads a block that has a file of its own, listed or not. */
  async getFile (cid: CID, length: number, options: AbortOptions = {}): Promise<Uint8Array> {
    options.signal?.throwIfAborted()
    return this.#readRange(cid, undefined, this.#components.paths.block(cid).file, { offset: 0, length }, length + 1)
  }

  async #find (cid: CID): Promise<BlockHome | undefined> {
    if (!isStorable(cid)) return undefined
    const [home] = await this.#components.index.find([blockKey(cid)])
    return home
  }

  async #read (cid: CID, key: string, { place, root, offset, length }: BlockHome): Promise<Uint8Array> {
    const { paths } = this.#components
    if (place === 'elsewhere') throw corrupt(cid, paths.root, root, 'is missing')
    if (place === 'file') return this.#readRange(cid, root, paths.block(cid).file, { offset: 0, length }, length + 1)
    const path = paths.car(root)
    const { cars } = this.#components
    await asDamage(cid, path, root, () => cars.load(root))
    const cached = cars.find(key)
    if (cached !== undefined && matchesCid(cid, cached)) return new Uint8Array(cached)
    // Next time its file is looked at again: it may have been repaired.
    cars.forget(root)
    return this.#readRange(cid, root, path, { offset, length }, length)
  }

  async #readRange (cid: CID, root: string | undefined, path: string, { offset, length }: { offset: number, length: number },
    askFor: number): Promise<Uint8Array> {
    const { fileSystem } = this.#components
    const bytes = await asDamage(cid, path, root, () => fileSystem.readFile(path, { offset, length: askFor }))
    if (bytes === undefined) throw corrupt(cid, path, root, 'is missing')
    if (bytes.byteLength !== length) throw corrupt(cid, path, root, `has ${bytes.byteLength} of ${length} bytes`)
    if (!matchesCid(cid, bytes)) throw corrupt(cid, path, root, 'has other bytes than its CID says')
    return bytes
  }
}

/** Says that no bundle has a block. */
export function notStored (cid: CID): NotStoredError {
  return new NotStoredError(`Block ${cid.toString()} is not in this repository`, { cid: cid.toString() })
}

function corrupt (cid: CID, path: string, root: string | undefined, what: string, cause?: unknown): CorruptBlockError {
  return new CorruptBlockError(`Block ${cid.toString()} ${what} in ${path}; fetch ${root === undefined ? 'it' : `bundle ${root}`} again`,
    { cid: cid.toString(), path, root, cause })
}

/** A directory in the place of a file is damage; every other refusal of the file system stays what it is. */
async function asDamage<T> (cid: CID, path: string, root: string | undefined, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof StorageError && error.details['code'] === 'EISDIR') throw corrupt(cid, path, root, 'is a directory', error)
    throw error
  }
}
