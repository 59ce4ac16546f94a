import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { forEachConcurrent } from '../format/concurrent.ts'
import { dagPbCodec, rawCodec } from '../format/dag-links.ts'
import { decodeDagPb } from '../format/dag-pb.ts'
import { toHex } from '../format/hex.ts'
import { datasetEntriesMax, importFilesConcurrency } from '../limits.ts'
import { nativeSha256 } from '../store/native-sha256.ts'
import { reportProgress } from '../transfer/report-progress.ts'
import { chunkings } from './chunkings.ts'
import { readerOf } from './dag-reader.ts'
import { DirectoryTree } from './directory-tree.ts'
import { readFile } from './file.ts'
import { ImportedFileList } from './imported-files.ts'
import { openRoot, walkTree } from './tree.ts'
import { writeFile } from './unixfs-writer.ts'
import type { Hash } from 'node:crypto'
import type { ImportedFile } from './imported-files.ts'
import type { SourceEntry } from './source-entry.ts'
import type { TreeFile } from './tree.ts'
import type { WriteDirectoryOptions } from './unixfs-writer.ts'
import type { AbortOptions, Hex } from '../interface/primitives.ts'
import type { ProgressOptions } from '../interface/progress.ts'
import type { BlockReader, BlockWriter } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/** How to import. */
export interface ImportOptions extends AbortOptions, ProgressOptions {
  /** Also computes the SHA-256 of each file's content; what is linked is read for it. */
  hashFiles?: boolean
  /** Cuts files by one of {@link chunkings}, in place of the profile. */
  chunking?: string | undefined
}

/**
 * A bundle's directory on its way in. Files become blocks as they are added; directories when the root is asked for, so that
 * more can be added after the root was known.
 */
export class DirectoryImport {
  readonly #blocks: BlockReader & BlockWriter
  #tree = new DirectoryTree()
  /** True when every directory but the root is written as it is now. */
  #written = false

  constructor (blocks: BlockReader & BlockWriter) {
    this.#blocks = blocks
  }

  /**
   * Imports entries whose paths are checked.
   *
   * @returns the files among them and below links, in their order; none unless `hashFiles` is set
   */
  async add (entries: Iterable<SourceEntry>, options: ImportOptions = {}): Promise<ImportedFileList> {
    const files = new ImportedFileList()
    await forEachConcurrent(numbered(entries), importFilesConcurrency, async ([number, entry]) => {
      options.signal?.throwIfAborted()
      if (entry.type === 'directory' || entry.path.includes('/')) this.#written = false
      files.add(number, await this.#add(entry, options))
    })
    return files
  }

  /** Writes every directory but the root, and says what the root is. Nothing is stored of the root itself. */
  async content (options: AbortOptions = {}): Promise<CID> {
    await this.#writeDirectories(options)
    return (await this.#tree.writeRoot({ put: async () => {} }, natively(options))).cid
  }

  /** Writes every directory. */
  async root (options: AbortOptions = {}): Promise<CID> {
    await this.#writeDirectories(options)
    return (await this.#tree.writeRoot(this.#blocks, natively(options))).cid
  }

  /** Forgets everything, when nothing is to be added any more. */
  clear (): void {
    this.#tree = new DirectoryTree()
  }

  async #add (entry: SourceEntry, options: ImportOptions): Promise<ImportedFile[]> {
    if (entry.type === 'file') return await this.#addFile(entry.path, entry.open(options), options)
    if (entry.type === 'link') return await this.#addLink(entry.path, entry.cid, options)
    this.#tree.add(entry.path)
    return []
  }

  async #addFile (path: string, pieces: AsyncIterable<Uint8Array>, options: ImportOptions): Promise<ImportedFile[]> {
    const hash = options.hashFiles === true ? new ContentHash() : undefined
    let bytes = 0
    const link = await writeFile(this.#blocks, pieces, {
      signal: options.signal,
      sha256: nativeSha256,
      chunks: chunkings.get(options.chunking ?? ''),
      onLeaf: async (leaf, cid) => {
        // Where nothing waits for a disk, a source that is always ready would keep the signal from being aborted.
        await setImmediate()
        options.signal?.throwIfAborted()
        bytes += leaf.byteLength
        hash?.update(leaf, cid)
      }
    })
    this.#tree.place(path, link)
    reportProgress(options, { type: 'datanode:publish:file', detail: { path, bytes } })
    return hash === undefined ? [] : [{ path, cid: link.cid, bytes: BigInt(bytes), sha256: hash.digest() }]
  }

  async #addLink (path: string, cid: CID, options: ImportOptions): Promise<ImportedFile[]> {
    const block = await this.#blocks.get(cid, options)
    const below = cid.code === dagPbCodec ? decodeDagPb(block).Links.reduce((sum, { Tsize = 0 }) => sum + Tsize, 0) : 0
    this.#tree.place(path, { cid, dagSize: block.byteLength + below })
    return options.hashFiles === true ? this.#hashLink(path, cid, options) : []
  }

  async #hashLink (path: string, cid: CID, options: AbortOptions): Promise<ImportedFile[]> {
    const reader = readerOf(this.#blocks)
    const root = await openRoot(reader, { cid }, options)
    const found: ImportedFile[] = []
    const entries = root.type === 'file' ? [root] : walkTree(reader, root, { ...options, entriesMax: datasetEntriesMax })
    for await (const entry of entries) {
      if (entry.type !== 'file') continue
      const below = entry.path === '' ? '' : `/${entry.path}`
      found.push({ path: `${path}${below}`, cid: entry.cid, bytes: BigInt(entry.size), sha256: await this.#hash(entry, options) })
    }
    return found
  }

  async #hash (file: TreeFile, options: AbortOptions): Promise<Hex> {
    if (file.cid.code === rawCodec) return toHex(file.cid.multihash.digest)
    const hash = createHash('sha256')
    for await (const piece of readFile(readerOf(this.#blocks), file, options)) hash.update(piece)
    return toHex(hash.digest())
  }

  async #writeDirectories (options: AbortOptions): Promise<void> {
    if (this.#written) return
    await this.#tree.writeBelow(this.#blocks, natively(options))
    this.#written = true
  }
}

/** With what Node.js has and browsers have not. */
function natively ({ signal }: AbortOptions): WriteDirectoryOptions {
  return {
    signal,
    sha256: nativeSha256,
    turn: async () => {
      await setImmediate()
      signal?.throwIfAborted()
    }
  }
}

function * numbered<T> (items: Iterable<T>): Generator<[number: number, item: T], undefined> {
  let number = 0
  for (const item of items) yield [number++, item]
  return undefined
}

/** The SHA-256 of a file's content. That of a file of one leaf is in its CID. */
class ContentHash {
  #hash: Hash | undefined
  #first: { bytes: Uint8Array, cid: CID } | undefined
  #leaves = 0

  update (bytes: Uint8Array, cid: CID): void {
    if (++this.#leaves === 1) {
      this.#first = { bytes, cid }
      return
    }
    this.#hash ??= createHash('sha256')
    if (this.#first !== undefined) this.#hash.update(this.#first.bytes)
    this.#first = undefined
    this.#hash.update(bytes)
  }

  digest (): Hex {
    return toHex(this.#first?.cid.multihash.digest ?? this.#hash?.digest() ?? new Uint8Array())
  }
}
