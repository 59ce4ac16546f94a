import { encodeCarHeader, encodeCarSectionHead } from '../format/car.ts'
import { DagWalk } from '../format/dag-walk.ts'
import type { DagReader } from './dag-reader.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { CID } from 'multiformats/cid'

/** Writes a whole DAG as a CAR v1: depth first, each block once, one root. */
export async function * exportCar (reader: DagReader, root: CID, options: AbortOptions = {}): AsyncGenerator<Uint8Array> {
  yield encodeCarHeader(root)
  const walk = new DagWalk(root)
  for (let step = walk.next(); step !== undefined; step = walk.next()) {
    options.signal?.throwIfAborted()
    const bytes = await reader.get(step, options)
    yield encodeCarSectionHead(step.cid, bytes.byteLength)
    yield bytes
    walk.supply(bytes)
  }
}
