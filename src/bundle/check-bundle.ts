import { rawCodec } from '../format/dag-links.ts'
import { DigestMap } from '../format/digest-map.ts'
import { datasetEntriesMax, entriesMax } from '../limits.ts'
import { CheckedBlocks } from './checked-blocks.ts'
import { payloadPaths } from './payload.ts'
import { readJson } from './read-json.ts'
import { readManifest } from './read-manifest.ts'
import { openRoot, walkTree } from './tree.ts'
import { invalid } from './unixfs-node.ts'
import type { DagReader } from './dag-reader.ts'
import type { TreeFile } from './tree.ts'
import type { Manifest } from '../interface/manifest.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader, BlockWriter } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/** How a bundle is checked. */
export interface CheckOptions extends AbortOptions {
  /** By default as many as the manifest's kind may have. */
  entriesMax?: number | undefined
}

/**
 * Remembers how large raw blocks are that pass through on their way into staging, so that checking a bundle of small
 * files does not read every one of them again; and what checking it has read, so that opening it does not.
 */
export class MeasuredBlocks implements BlockReader, BlockWriter {
  readonly #blocks: BlockReader & BlockWriter
  /** Where those below do not know them. */
  readonly #sizes = new DigestMap()
  readonly checked: CheckedBlocks = new CheckedBlocks()

  constructor (blocks: BlockReader & BlockWriter) {
    this.#blocks = blocks
  }

  async get (cid: CID, options?: AbortOptions): Promise<Uint8Array> {
    return this.#blocks.get(cid, options)
  }

  /** Reads a block to check it. */
  async check (cid: CID, options?: AbortOptions): Promise<Uint8Array> {
    const bytes = await this.get(cid, options)
    this.checked.add(cid, bytes)
    return bytes
  }

  async has (cid: CID, options?: AbortOptions): Promise<boolean> {
    return this.#blocks.has(cid, options)
  }

  put (cid: CID, bytes: Uint8Array, options?: AbortOptions): Promise<void> | undefined {
    const putting = this.#blocks.put(cid, bytes, options)
    if (cid.code !== rawCodec || this.#blocks.sizeOf !== undefined) return putting
    const { byteLength } = bytes
    const measure = (): void => { this.#sizes.set(cid.multihash.digest, byteLength) }
    if (putting !== undefined) return putting.then(measure)
    measure()
    return undefined
  }

  expect (bytes: number): void {
    this.#blocks.expect?.(bytes)
  }

  /** Bytes of a raw block. */
  async size (cid: CID, options?: AbortOptions): Promise<number> {
    return this.#blocks.sizeOf?.(cid) ?? this.#sizes.get(cid.multihash.digest) ?? (await this.get(cid, options)).byteLength
  }
}

/**
 * Checks a complete bundle as strictly when it is published as when it is fetched: its manifest first, then what a handle
 * reads when it is opened, then every directory, name, path and the first block of every file. The size of each part of a
 * file is checked when it is read.
 *
 * @returns its manifest; undefined for plain UnixFS
 * @throws {@link InvalidManifestError}, {@link NewerFormatError} for the manifest
 * @throws {@link FileNotFoundError}, {@link InvalidManifestError} when it is without the JSON files of its kind
 * @throws {@link InvalidDagError}, {@link InvalidNameError}, {@link LimitExceededError} for the rest
 */
export async function checkBundle (blocks: MeasuredBlocks, cid: CID, options: CheckOptions = {}): Promise<Manifest | undefined> {
  const reader: DagReader = { get: async ({ cid }, own) => blocks.check(cid, own) }
  const root = await openRoot(reader, { cid }, options)
  if (root.type === 'file') return undefined
  const manifest = await readManifest(reader, root, options)
  for (const path of manifest === undefined ? [] : payloadPaths(manifest)) await readJson(reader, root, path, options)
  const max = options.entriesMax ?? entriesMaxOf(manifest)
  for await (const entry of walkTree(reader, root, { entriesMax: max, signal: options.signal, keep: false })) {
    if (entry.type === 'file' && entry.cid.code === rawCodec) await checkRawFile(blocks, entry, options)
  }
  return manifest
}

/** Kinds that may have as many entries as a dataset. */
const manyEntries: ReadonlySet<string> = new Set(['dataset', 'session-audit', 'trail'])

/** How many entries a bundle with this manifest may have. */
export function entriesMaxOf (manifest: Manifest | undefined): number {
  return manifest !== undefined && manyEntries.has(manifest.kind) ? datasetEntriesMax : entriesMax
}

async function checkRawFile (blocks: MeasuredBlocks, { cid, path, size }: TreeFile, options: AbortOptions): Promise<void> {
  const actual = await blocks.size(cid, options)
  if (actual !== size) throw invalid(cid, `has ${actual} bytes, and its link ${JSON.stringify(path)} says ${size}`)
}
