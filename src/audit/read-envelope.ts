import { listDirectory } from '../bundle/directory.ts'
import { readBytes } from '../bundle/file.ts'
import { readManifest } from '../bundle/read-manifest.ts'
import { notFound, openRoot, resolvePath } from '../bundle/tree.ts'
import { readerOf } from '../bundle/dag-reader.ts'
import { manifestBytesMax } from '../limits.ts'
import { EnvelopeWalk } from './envelope-walk.ts'
import { EvidenceCar } from './evidence-car.ts'
import { checking, invalidEvidence } from './invalid-evidence.ts'
import type { DagReader } from '../bundle/dag-reader.ts'
import type { TreeDirectory, TreeEntry } from '../bundle/tree.ts'
import type { EvidenceExportManifest, Manifest } from '../interface/manifest.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { ByteSource } from '../interface/source.ts'
import type { CID } from 'multiformats/cid'

/** An envelope of which every block was read, and what has to be read of it. */
export interface OpenEnvelope {
  tree: EnvelopeTree
  manifest: EvidenceExportManifest
  blocks: number
  bytes: number
}

/**
 * Reads a file of evidence to its end: every block is the one that has to be there, and there is nothing else in it.
 *
 * @throws {@link InvalidEvidenceError} when it is anything but the one file of an envelope
 * @throws {@link InvalidArgumentError} when `file` is no source of bytes
 */
export async function readEnvelope (file: Uint8Array | ByteSource, options: AbortOptions): Promise<OpenEnvelope> {
  const car = new EvidenceCar(file, options)
  try {
    const root = await car.root()
    const walk = new EnvelopeWalk(root, async (cid, path) => await car.next(cid, path))
    let path = ''
    const readAll = async (blocks: AsyncIterable<{ path: string }>): Promise<void> => {
      for await (const block of blocks) path = block.path
    }
    await checking(() => path, async () => { await readAll(walk.checked()) })
    const tree = await EnvelopeTree.open(readerOf(walk), root, options)
    const manifest = await tree.manifest('')
    if (manifest.kind !== 'evidence-export') throw invalidEvidence('', `The file is of ${manifest.kind}, and no exported evidence`)
    const { payload } = manifest as EvidenceExportManifest
    await checking(() => path, async () => { await readAll(walk.payload(payload)) })
    await car.end()
    return { tree, manifest: manifest as EvidenceExportManifest, blocks: car.blocks, bytes: car.bytes }
  } catch (error) {
    car.close()
    throw error
  }
}

/** Files and directories of an envelope, as far as they are needed to check it. What it throws says which claim fell. */
export class EnvelopeTree {
  readonly #reader: DagReader
  readonly #root: TreeEntry
  readonly #options: AbortOptions

  private constructor (reader: DagReader, root: TreeEntry, options: AbortOptions) {
    this.#reader = reader
    this.#root = root
    this.#options = options
  }

  /** @throws {@link InvalidEvidenceError} when its root is none */
  static async open (reader: DagReader, root: CID, options: AbortOptions): Promise<EnvelopeTree> {
    return await checking('', async () => new EnvelopeTree(reader, await openRoot(reader, { cid: root }, options), options))
  }

  /** Entries of a directory, by their names. */
  async entries (path: string): Promise<Map<string, CID>> {
    return await checking(path, async () => {
      const entries = new Map<string, CID>()
      const directory = await this.#directory(path)
      for await (const { name, cid } of listDirectory(this.#reader, directory, this.#options)) entries.set(name, cid)
      return entries
    })
  }

  /** The same of a directory that may be missing: then it has none. */
  async entriesIfAny (path: string): Promise<Map<string, CID>> {
    const slash = path.lastIndexOf('/')
    const above = await this.entries(path.slice(0, Math.max(0, slash)))
    return above.has(path.slice(slash + 1)) ? await this.entries(path) : new Map<string, CID>()
  }

  /** CID of a file or directory. */
  async cid (path: string): Promise<CID> {
    return await checking(path, async () => (await resolvePath(this.#reader, this.#root, path, this.#options)).cid)
  }

  /** Content of a file. */
  async bytes (path: string, bytesMax: number = manifestBytesMax): Promise<Uint8Array> {
    return await checking(path, async () => {
      const entry = await resolvePath(this.#reader, this.#root, path, this.#options)
      if (entry.type !== 'file') throw notFound(path, 'is a directory')
      return await readBytes(this.#reader, entry, { ...this.#options, bytesMax })
    })
  }

  /** Manifest of the bundle that is at a path. */
  async manifest (path: string): Promise<Manifest> {
    const file = path === '' ? 'manifest.json' : `${path}/manifest.json`
    return await checking(file, async () => {
      const bundle = { ...await this.#directory(path), path: '' }
      const manifest = await readManifest(this.#reader, bundle, this.#options)
      if (manifest === undefined) throw notFound(file)
      return manifest
    })
  }

  async #directory (path: string): Promise<TreeDirectory> {
    const entry = await resolvePath(this.#reader, this.#root, path, this.#options)
    if (entry.type !== 'directory') throw notFound(path, 'is a file')
    return entry
  }
}
