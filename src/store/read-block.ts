import type { CID } from 'multiformats/cid'
import { StorageError } from '../errors.ts'
import { readMemory } from '../format/claimed-memory.ts'
import { matchesCid } from './block-key.ts'
import type { BlockLocation } from './block-location.ts'
import type { FileSystem } from './file-system.ts'
import type { RepositoryPaths } from './paths.ts'

/** What reading a file takes. */
export interface ReadBlockComponents {
  fileSystem: Pick<FileSystem, 'readFile'>
  paths: RepositoryPaths
}

/** Why a block cannot be had from its file. */
export interface Flaw {
  path: string
  /** A part of a sentence: `is missing`. */
  what: string
  cause?: unknown
}

/** Where the bytes of a block are said to be. */
export type BlockSite = BlockLocation & { root: string }

/** What a file system says of a file that is damaged itself. Everything else is about the system, and may be over soon. */
const damageCodes: readonly unknown[] = ['EIO', 'EACCES', 'EPERM', 'EISDIR', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EBADMSG', 'EUCLEAN', 'EBADE']

/** The file that a block is in, or was to be in. */
export function pathOf (paths: RepositoryPaths, cid: CID, { place, root }: Pick<BlockSite, 'place' | 'root'>): string {
  return place === 'car' ? paths.car(root) : paths.block(cid).file
}

/** Reads a block from its file, never from a cache, and hashes it. */
export async function readBlock (components: ReadBlockComponents, cid: CID, site: BlockSite): Promise<Uint8Array | Flaw> {
  const path = pathOf(components.paths, cid, site)
  const { place, offset, length } = site
  if (place === 'elsewhere') return { path, what: 'is missing' }
  // One byte more of a file tells whether there is more than the block.
  const askFor = place === 'file' ? length + 1 : length
  const range = { offset, length: askFor, expected: length }
  const bytes = await unlessDamaged(path, () => components.fileSystem.readFile(path, range))
  if (bytes === undefined) return { path, what: 'is missing' }
  if (!(bytes instanceof Uint8Array)) return bytes
  if (bytes.byteLength < length) return { path, what: `has ${bytes.byteLength} of ${length} bytes` }
  if (bytes.byteLength > length) return { path, what: `has more than ${length} bytes` }
  return matchesCid(cid, bytes) ? readMemory.claim(bytes) : { path, what: 'has other bytes than its CID says' }
}

/** Says what is wrong with a file that the file system does not give; rejects when it is not the file that is wrong. */
export async function unlessDamaged<T> (path: string, read: () => Promise<T>): Promise<T | Flaw> {
  try {
    return await read()
  } catch (error) {
    const code = error instanceof StorageError ? error.details['code'] : undefined
    if (!damageCodes.includes(code)) throw error
    return { path, what: code === 'EISDIR' ? 'is a directory' : `cannot be read (${String(code)})`, cause: error }
  }
}
