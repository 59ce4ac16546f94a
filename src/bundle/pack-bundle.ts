import { sha256 } from '@noble/hashes/sha2.js'
import { equals } from 'multiformats/bytes'
import { InvalidArgumentError, SourceChangedError } from '../errors.ts'
import { checkObject, checkOptions } from '../format/argument.ts'
import { encodeCarHeader, encodeCarSectionHead } from '../format/car-sections.ts'
import { blockName, linksOf } from '../format/dag-links.ts'
import { concat } from '../format/protobuf.ts'
import { toUtf8 } from '../format/utf8.ts'
import { carPieceBytesMin } from '../limits.ts'
import { chunkBytes } from './chunks.ts'
import { DirectoryTree } from './directory-tree.ts'
import { checkSources } from './source-shape.ts'
import { readStreamSource } from './source-stream.ts'
import { writeFile } from './unixfs-writer.ts'
import type { WriteFileOptions } from './unixfs-writer.ts'
import type { PackedBundle, PackSource } from '../interface/pack.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockWriter } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/** Reads a leaf of a file again. */
type ReadLeaf = (index: number) => Promise<Uint8Array>

/** Content of a file: once from its start, and again by leaf, where that is possible. */
interface Content {
  pieces: AsyncIterable<Uint8Array>
  leaf: ReadLeaf | undefined
}

/**
 * Packs files into a CAR without a node: a UnixFS directory with the CIDs that a node gives to the same files, and the bytes that
 * it exports. For clients that hand large inputs to a router, which imports the CAR and links it.
 *
 * Files are read once to find their CIDs, and again when the CAR is: of text, bytes and blobs (such as a browser's files) no more
 * than a few MiB are in memory at a time. A stream cannot be read again, and is kept.
 *
 * @param files - names are paths from the root, with `/` between directories
 * @throws {@link InvalidArgumentError}, {@link InvalidNameError}, {@link LimitExceededError} when they cannot be a bundle
 * @throws {@link SourceChangedError} while the CAR is read, when a blob or bytes are not what they were
 */
export async function packBundle (files: readonly PackSource[], options: AbortOptions = {}): Promise<PackedBundle> {
  checkOptions(options)
  checkPackSources(files)
  const blocks = new PackedBlocks()
  const tree = new DirectoryTree()
  for (const source of files) {
    options.signal?.throwIfAborted()
    const { pieces, leaf } = contentOf(source, options)
    let index = 0
    const onLeaf: WriteFileOptions['onLeaf'] = async (bytes, cid) => { blocks.note(cid, bytes, { source, leaf, index: index++ }) }
    tree.place(source.name, await writeFile(blocks, pieces, { signal: options.signal, onLeaf }))
  }
  await tree.writeBelow(blocks, options)
  const { cid } = await tree.writeRoot(blocks, options)
  const car = { [Symbol.asyncIterator]: () => writeCar(blocks, cid, options) }
  return { cid, bytes: encodeCarHeader(cid).byteLength + blocks.bytes, car }
}

/** Depth first, each block once, in pieces of at least 64 KiB but for the last: as `exportCar` of a node. */
async function * writeCar (blocks: PackedBlocks, root: CID, { signal }: AbortOptions): AsyncGenerator<Uint8Array> {
  let [parts, bytes]: [Uint8Array[], number] = [[encodeCarHeader(root)], 0]
  const [met, ahead] = [new Set<string>(), [root]]
  for (let cid = ahead.pop(); cid !== undefined; cid = ahead.pop()) {
    if (met.has(blockName(cid))) continue
    met.add(blockName(cid))
    signal?.throwIfAborted()
    const block = await blocks.get(cid)
    ahead.push(...linksOf(cid, block).reverse())
    parts.push(encodeCarSectionHead(cid, block.byteLength), block)
    bytes += block.byteLength
    if (bytes < carPieceBytesMin) continue
    yield concat(parts)
    ;[parts, bytes] = [[], 0]
  }
  if (parts.length > 0) yield concat(parts)
}

/** Where a leaf comes from. */
interface LeafSource {
  source: PackSource
  leaf: ReadLeaf | undefined
  index: number
}

/** Blocks of a packed bundle: those with links in memory, leaves where their files are. */
class PackedBlocks implements BlockWriter {
  /** Of all sections. */
  bytes = 0
  readonly #kept = new Map<string, Uint8Array>()
  readonly #leaves = new Map<string, LeafSource>()

  /** Leaves are noted before. */
  async put (cid: CID, bytes: Uint8Array): Promise<void> {
    this.#count(cid, bytes)
    if (!this.#leaves.has(blockName(cid))) this.#kept.set(blockName(cid), bytes)
  }

  note (cid: CID, bytes: Uint8Array, from: LeafSource): void {
    this.#count(cid, bytes)
    if (from.leaf === undefined) this.#kept.set(blockName(cid), bytes)
    else if (!this.#kept.has(blockName(cid))) this.#leaves.set(blockName(cid), from)
  }

  async get (cid: CID): Promise<Uint8Array> {
    const kept = this.#kept.get(blockName(cid))
    if (kept !== undefined) return kept
    const from = this.#leaves.get(blockName(cid))
    const bytes = await from?.leaf?.(from.index)
    if (bytes !== undefined && equals(sha256(bytes), cid.multihash.digest)) return bytes
    throw new SourceChangedError(`${from?.source.name ?? cid.toString()} is not what it was when it was packed: pack it again`)
  }

  #count (cid: CID, bytes: Uint8Array): void {
    if (this.#kept.has(blockName(cid)) || this.#leaves.has(blockName(cid))) return
    this.bytes += encodeCarSectionHead(cid, bytes.byteLength).byteLength + bytes.byteLength
  }
}

function checkPackSources (files: unknown): asserts files is readonly PackSource[] {
  if (!Array.isArray(files)) throw new InvalidArgumentError('files must be an array of { name, text | bytes | blob | stream }')
  checkSources((files as unknown[]).map(source => {
    checkObject(source, 'a file')
    if (!('blob' in source)) return source
    const { blob, ...rest } = source
    checkObject(blob, 'blob')
    if (typeof blob['slice'] !== 'function' || typeof blob['size'] !== 'number') throw new InvalidArgumentError('blob must be a Blob, such as a File')
    return { ...rest, bytes: new Uint8Array() }
  }))
  const local = (files as object[]).find(source => 'path' in source || 'cid' in source)
  if (local !== undefined) throw new InvalidArgumentError('A file to pack has a path or a cid, which only a node can read: give { name, text | bytes | blob | stream }')
}

function contentOf (source: PackSource, options: AbortOptions): Content {
  if ('stream' in source) return { pieces: readStreamSource(source.stream, source.name, options), leaf: undefined }
  if ('blob' in source) {
    const { blob } = source
    return byLeaf(blob.size, async (start, end) => new Uint8Array(await blob.slice(start, end).arrayBuffer()))
  }
  const bytes = 'text' in source ? toUtf8(source.text) : source.bytes
  return byLeaf(bytes.byteLength, async (start, end) => bytes.subarray(start, end))
}

function byLeaf (size: number, read: (start: number, end: number) => Promise<Uint8Array>): Content {
  const leaf: ReadLeaf = async index => await read(index * chunkBytes, Math.min(size, (index + 1) * chunkBytes))
  async function * pieces (): AsyncGenerator<Uint8Array> {
    for (let index = 0; index * chunkBytes < size; index++) yield await leaf(index)
  }
  return { pieces: pieces(), leaf }
}
