import { forEachConcurrent } from '../format/concurrent.ts'
import { dagPbCodec, linksOf } from '../format/dag-links.ts'
import { dagDepthMax, deltaBlocksMax, diffReadConcurrency } from '../limits.ts'
import type { DagPlace, DagReader } from './dag-reader.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { CID } from 'multiformats/cid'

/**
 * Reads the inner blocks of a DAG that are nowhere here, level by level from the root, and passes over what is here with all
 * that is below it. Of a DAG that differs little from a stored one these are few, and once they are there it is known which
 * leaves are missing: fetching it whole then asks for these alone.
 *
 * It ends after `deltaBlocksMax` blocks: so much is as well fetched together.
 *
 * @returns how many blocks were read
 */
export async function bringInner (
  reader: DagReader, root: CID, { has, signal }: AbortOptions & { has: (cid: CID) => Promise<boolean> }
): Promise<number> {
  const met = new Set<string>()
  let level: DagPlace[] = [{ cid: root, position: [] }]
  let read = 0
  for (let depth = 0; level.length > 0 && depth < dagDepthMax && read < deltaBlocksMax; depth++) {
    const next: DagPlace[] = []
    await forEachConcurrent(level.slice(0, deltaBlocksMax - read), diffReadConcurrency, async place => {
      signal?.throwIfAborted()
      if (await has(place.cid)) return
      read++
      const links = linksOf(place.cid, await reader.get(place, { signal }))
      for (const [index, cid] of links.entries()) {
        if (cid.code !== dagPbCodec || met.has(cid.toString())) continue
        met.add(cid.toString())
        next.push({ cid, position: [...place.position, index] })
      }
    })
    level = next
  }
  return read
}
