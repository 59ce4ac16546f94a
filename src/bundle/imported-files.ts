import { rawCodec } from '../format/dag-links.ts'
import { toHex } from '../format/hex.ts'
import { PackedLinks } from '../format/packed-links.ts'
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

/** Files that were imported, in the order of what they were made of. */
export interface ImportedFiles extends Iterable<ImportedFile> {
  readonly length: number
}

/** Files on their way in, in little more memory than their paths take. */
export class ImportedFileList implements ImportedFiles {
  readonly #paths: string[] = []
  readonly #cids = new PackedLinks()
  readonly #sizes: number[] = []
  /** Of files of several blocks: that of one block is in its CID. */
  readonly #hashes = new Map<number, Hex>()
  /** Files of entries that are done before one in front of them, by the number of the entry. */
  readonly #waiting = new Map<number, readonly ImportedFile[]>()
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

  * [Symbol.iterator] (): Generator<ImportedFile, undefined> {
    for (const [index, path] of this.#paths.entries()) {
      const cid = this.#cids.at(index)
      if (cid === undefined) return
      const sha256 = this.#hashes.get(index) ?? toHex(cid.multihash.digest)
      yield { path, cid, bytes: BigInt(this.#sizes[index] ?? 0), sha256 }
    }
    return undefined
  }

  #push ({ path, cid, bytes, sha256 }: ImportedFile): void {
    if (cid.code !== rawCodec) this.#hashes.set(this.#paths.length, sha256)
    this.#paths.push(path)
    this.#cids.push(cid)
    this.#sizes.push(Number(bytes))
  }
}
