import { createHash } from 'node:crypto'
import { encode } from '@ipld/dag-pb'
import { CID } from 'multiformats/cid'
import { create as createMultihash } from 'multiformats/hashes/digest'
import { sha256 } from 'multiformats/hashes/sha2'
import { dagPbCodec } from '../format/dag-links.ts'
import { encodeFileData } from './unixfs-data.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockWriter } from '../interface/store.ts'
import type { FileLayout } from 'ipfs-unixfs-importer/layout'

/** Links of one node of a file in the import profile `unixfs-v1-2025`. */
const linksPerNode = 1024

interface Part {
  cid: CID
  dagSize: number
  /** Content bytes. */
  size: number
}

/**
 * The balanced layout of a file over raw leaves: nodes of `linksPerNode` parts, level upon level, until one is left. A file
 * of one leaf is that leaf.
 *
 * The importer has such a layout. This one is here because the importer writes sizes from 2^31 to 2^32 - 1 wrongly: its
 * protobuf encoder takes them for negative and cuts them off, and a file of three gigabytes could not be read by anyone.
 */
export function balancedFile (blocks: BlockWriter, options: AbortOptions): FileLayout {
  return async (leaves, reduce) => {
    let above: Part[] = []
    let batch: Part[] = []
    for await (const leaf of leaves) {
      // Its type says that it is always true where it is there; of files with more leaves it is undefined.
      const single: unknown = 'single' in leaf ? leaf.single : undefined
      if (single === true) return reduce([leaf])
      const size = Number(leaf.size)
      batch.push({ cid: leaf.cid, dagSize: size, size })
      if (batch.length < linksPerNode) continue
      above.push(await writeNode(blocks, batch, options))
      batch = []
    }
    if (batch.length > 0) above.push(await writeNode(blocks, batch, options))
    while (above.length > 1) {
      const level = above
      above = []
      for (let at = 0; at < level.length; at += linksPerNode) {
        above.push(await writeNode(blocks, level.slice(at, at + linksPerNode), options))
      }
    }
    const [root] = above
    if (root === undefined) throw new TypeError('The importer gave no leaf')
    return { cid: root.cid, size: BigInt(root.dagSize) }
  }
}

async function writeNode (blocks: BlockWriter, parts: readonly Part[], options: AbortOptions): Promise<Part> {
  const bytes = encode({
    Data: encodeFileData(parts.map(({ size }) => size)),
    Links: parts.map(({ cid, dagSize }) => ({ Name: '', Hash: cid, Tsize: dagSize }))
  })
  const cid = CID.createV1(dagPbCodec, createMultihash(sha256.code, createHash('sha256').update(bytes).digest()))
  await blocks.put(cid, bytes, options)
  return {
    cid,
    dagSize: parts.reduce((sum, { dagSize }) => sum + dagSize, bytes.byteLength),
    size: parts.reduce((sum, { size }) => sum + size, 0)
  }
}
