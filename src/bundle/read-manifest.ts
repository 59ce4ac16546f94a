import { InvalidManifestError } from '../errors.ts'
import { decodeManifest } from '../format/manifest.ts'
import { manifestBytesMax } from '../limits.ts'
import { readerOf } from './dag-reader.ts'
import { readBytes } from './file.ts'
import { openRoot, resolvePath } from './tree.ts'
import { lookUp } from './directory.ts'
import type { DagReader } from './dag-reader.ts'
import type { TreeDirectory } from './tree.ts'
import type { Manifest } from '../interface/manifest.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/** Where the manifest of every bundle is. */
export const manifestPath = 'manifest.json'

/**
 * Reads the manifest of a bundle, before anything else of it.
 *
 * @returns undefined when there is none: the bundle is plain UnixFS
 * @throws {@link InvalidManifestError}, {@link NewerFormatError} when there is something else than a manifest in its place
 * @throws {@link LimitExceededError} when it is larger than a manifest may be
 */
export async function readManifest (
  reader: DagReader, root: TreeDirectory, options: AbortOptions = {}
): Promise<Manifest | undefined> {
  if (await lookUp(reader, root, manifestPath, options) === undefined) return undefined
  const entry = await resolvePath(reader, root, manifestPath, options)
  if (entry.type !== 'file') throw new InvalidManifestError(`${manifestPath} is a directory`)
  return decodeManifest(await readBytes(reader, entry, { ...options, bytesMax: manifestBytesMax }))
}

/** Reads the manifest of a stored bundle where its blocks are, without a handle on it. @throws as {@link readManifest} does */
export async function storedManifest (
  blocks: Pick<BlockReader, 'get'>, cid: CID, options: AbortOptions = {}
): Promise<Manifest | undefined> {
  const reader = readerOf(blocks)
  const root = await openRoot(reader, { cid }, options)
  return root.type === 'directory' ? await readManifest(reader, root, options) : undefined
}
