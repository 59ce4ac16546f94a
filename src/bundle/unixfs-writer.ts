import { unixfs } from '@helia/unixfs'
import { balancedFile } from './balanced-file.ts'
import { importBlocksConcurrency } from '../limits.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader, BlockWriter } from '../interface/store.ts'
import type { UnixFS } from '@helia/unixfs'
import type { CID } from 'multiformats/cid'

/** What a directory needs to know of an entry. */
export interface DagLink {
  cid: CID
  /** Bytes of the blocks below, a block that is there twice counted twice. */
  dagSize: number
}

const profile = { profile: 'unixfs-v1-2025', blockWriteConcurrency: importBlocksConcurrency } as const

/** Writes the content of a file as blocks, under the import profile `unixfs-v1-2025`, without mode and modification time. */
export async function writeFile (
  blocks: BlockReader & BlockWriter, content: AsyncIterable<Uint8Array>, options: AbortOptions = {}
): Promise<DagLink> {
  return lastOf(unixfsOver(blocks, options).addAll([{ content }], { ...profile, layout: balancedFile(blocks, options) }))
}

/**
 * Writes one directory from entries that are known by their CIDs, under the same profile. It becomes a HAMT when its
 * block would be larger than the profile's threshold.
 */
export async function writeDirectory (
  blocks: BlockReader & BlockWriter, entries: Iterable<readonly [name: string, link: DagLink]>, options: AbortOptions = {}
): Promise<DagLink> {
  return lastOf(unixfsOver(blocks, options).addAll([], {
    ...profile,
    wrapWithDirectory: true,
    dagBuilder: async function * () {
      for (const [path, { cid, dagSize }] of entries) yield async () => ({ path, cid, size: BigInt(dagSize) })
    }
  }))
}

async function lastOf (results: ReturnType<UnixFS['addAll']>): Promise<DagLink> {
  let last: DagLink | undefined
  for await (const { cid, size } of results) last = { cid, dagSize: Number(size) }
  if (last === undefined) throw new TypeError('The importer gave no result')
  return last
}

function unixfsOver (blocks: BlockReader & BlockWriter, options: AbortOptions): UnixFS {
  return unixfs({
    blockstore: {
      get: async function * (cid) {
        yield await blocks.get(cid, options)
      },
      has: async cid => blocks.has(cid, options),
      put: async (cid, bytes) => {
        options.signal?.throwIfAborted()
        if (!(bytes instanceof Uint8Array)) throw new TypeError('The importer is expected to put whole blocks')
        await blocks.put(cid, bytes, options)
        return cid
      }
    }
  })
}
