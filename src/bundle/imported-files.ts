import { rawCodec } from '../format/dag-links.ts'
import { toHex } from '../format/hex.ts'
import { PackedLinks } from '../format/packed-links.ts'
import { PackedTexts } from '../format/packed-texts.ts'
import { TransientMap } from '../format/transient-map.ts'
import type { Hex } from '../interface/primitives.ts'
import type { CID } from 'multiformats/cid'

/** A file that was imported, or that is below a link. */
export interface ImportedFile {
  /** From the root of the bundle. */
  path: string
  cid: CID
  /** Content bytes. */
  bytes: bigint
  /** Of the content. */
  sha256: Hex
}

const sizesMin = 8

/** Files that were imported, in the order of what they were made of. */
export interface ImportedFiles extends Iterable<ImportedFile> {
  readonly length: number
}

/** Files on their way in, in little more memory than the bytes of their paths and CIDs. */
export class ImportedFileList implements ImportedFiles {
  readonly #paths = new PackedTexts()
  readonly #cids = new PackedLinks()
  #sizes = new Float64Array(sizesMin)
  /** Of files of several blocks: that of one block is in its CID. */
  readonly #hashes = new Map<number, Hex>()
  /** Files of entries that are done before one in front of them, by the number of the entry. */
  readonly #waiting = new TransientMap<number, readonly ImportedFile[]>()
  #next = 0

  get length (): number {
    return this.#paths.length
  }

  /** Gives the files of an entry, by its number from 0. Every number has to come, in whatever order. */
  add (entry: number, files: readonly ImportedFile[]): void {
    this.#waiting.set(entry, files)
    for (let next = this.#waiting.get(this.#next); next !== undefined; next = this.#waiting.get(this.#next)) {
      for (const file of next) this.#push(file)
      this.#waiting.delete(this.#next++)
    }
  }

  /** Forgets the files, when nobody looks at them any more: what they took is free at once. */
  clear (): void {
    this.#paths.clear()
    this.#cids.clear()
    this.#sizes.buffer.transfer(0)
    this.#sizes = new Float64Array(sizesMin)
    this.#hashes.clear()
  }

  * [Symbol.iterator] (): Generator<ImportedFile, undefined> {
    for (let index = 0; index < this.length; index++) {
      yield new ListedFile(this.#paths.at(index) ?? '', BigInt(this.#sizes[index] ?? 0), this.#hashes.get(index), this.#cids, index)
    }
    return undefined
  }

  #push ({ path, cid, bytes, sha256 }: ImportedFile): void {
    const index = this.#paths.length
    if (cid.code !== rawCodec) this.#hashes.set(index, sha256)
    this.#paths.push(path)
    this.#cids.push(cid)
    if (index === this.#sizes.length) this.#sizes = new Float64Array(this.#sizes.buffer.transfer(this.#sizes.byteLength * 2))
    this.#sizes[index] = Number(bytes)
  }
}

/** Its CID and hash are made when they are asked for: whoever goes through all files looks at those of few. */
class ListedFile implements ImportedFile {
  readonly path: string
  readonly bytes: bigint
  readonly #sha256: Hex | undefined
  readonly #cids: PackedLinks
  readonly #index: number

  constructor (path: string, bytes: bigint, sha256: Hex | undefined, cids: PackedLinks, index: number) {
    this.path = path
    this.bytes = bytes
    this.#sha256 = sha256
    this.#cids = cids
    this.#index = index
  }

  get cid (): CID {
    const cid = this.#cids.at(this.#index)
    if (cid === undefined) throw new TypeError('Every file of the list has a CID')
    return cid
  }

  get sha256 (): Hex {
    return this.#sha256 ?? toHex(this.cid.multihash.digest)
  }
}
