import { firstChild } from '../format/dag-position.ts'
import { rawCodec } from '../format/dag-links.ts'
import { dagDepthMax } from '../limits.ts'
import { fileNode } from './file-node.ts'
import { invalid } from './unixfs-node.ts'
import type { DagPart, DagPlace, DagReader } from './dag-reader.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/**
 * Where in its DAG some bytes of a file are: from the block that holds the first of them to the one that holds the last. Reads
 * the inner blocks on the way to these two, and nothing else.
 *
 * @throws {@link InvalidDagError} when a block on the way is no part of a file
 */
export async function partOfFile (
  reader: DagReader, file: DagPlace, { start, end }: { start: number, end: number }, options: AbortOptions = {}
): Promise<DagPart> {
  const edges = [start, Math.max(start, end - 1)]
  const [first, last] = await Promise.all(edges.map(async at => await blockAt(reader, file, at, options)))
  return { from: (first ?? file).position, to: firstChild((last ?? file).position), mode: 'all', leafBytes: first?.leafBytes }
}

/** A block of a file, and what it and those beside it have on average. */
interface FoundBlock extends DagPlace {
  leafBytes?: number
}

/** The block with the byte at `at`, by what the blocks above say of the sizes below. */
async function blockAt (reader: DagReader, file: DagPlace, at: number, options: AbortOptions): Promise<FoundBlock> {
  let place: FoundBlock = file
  for (let depth = 0; place.cid.code !== rawCodec; depth++) {
    if (depth > dagDepthMax) throw invalid(place.cid, `is part of a file more than ${dagDepthMax} deep`)
    const node = await fileNode(reader, place, options)
    let before = node.data.byteLength
    const index = at < before ? -1 : node.parts.findIndex(({ size }) => at < (before += size))
    const part = node.parts[index]
    if (part === undefined) return place
    at -= before - part.size
    const bytes = node.parts.reduce((sum, { size }) => sum + size, 0)
    place = { cid: part.cid, position: [...place.position, index], leafBytes: bytes / node.parts.length }
  }
  return place
}
