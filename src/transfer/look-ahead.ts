import { blockName, rawCodec } from '../format/dag-links.ts'
import { lookedAheadMax } from '../limits.ts'
import type { CID } from 'multiformats/cid'
import type { DagWalk } from '../format/dag-walk.ts'
import type { BlockSink } from './block-sink.ts'

/** Says which blocks of a walk are there. Each answer may wait for the disk, so leaves that come next are asked about as well. */
export class LookAhead {
  readonly #sink: Pick<BlockSink, 'has'>
  readonly #walk: Pick<DagWalk, 'ahead'>
  readonly #asked = new Map<string, Promise<boolean>>()

  constructor (sink: Pick<BlockSink, 'has'>, walk: Pick<DagWalk, 'ahead'>) {
    this.#sink = sink
    this.#walk = walk
  }

  /** True when the block at which the walk stands is there. */
  async has (cid: CID): Promise<boolean> {
    const asked = this.#asked.get(blockName(cid))
    if (asked !== undefined) return await asked
    this.#asked.clear()
    const found = this.#sink.has(cid)
    if (cid.code === rawCodec) this.#askAhead()
    return await found
  }

  #askAhead (): void {
    for (const next of this.#walk.ahead(lookedAheadMax)) {
      if (next.code !== rawCodec) return
      const asking = this.#sink.has(next)
      // It is for whoever comes to this block to hear of it.
      asking.catch(() => {})
      this.#asked.set(blockName(next), asking)
    }
  }
}
