import { DagWalk } from '../format/dag-walk.ts'
import type { CID } from 'multiformats/cid'
import type { DagStep } from '../format/dag-walk.ts'
import type { DagRequest } from '../format/messages.ts'
import type { DagPosition } from '../interface/transfer.ts'
import type { BlockSink } from './block-sink.ts'
import type { WantedBlocks } from './provider-turn.ts'

/** Which part of a DAG is fetched in the order of its walk. */
export interface FrontierInit {
  /** First position wanted; the root when absent. */
  from?: DagPosition | undefined
  /** First position not wanted any more; the end when absent. */
  to?: DagPosition | undefined
  mode?: 'all' | 'inner' | undefined
  /** First position of what counts as there; `from` when absent. */
  since?: DagPosition | undefined
}

/** What of a part of a DAG has come, and which block is expected next. Providers come and go; this stays. */
export class Frontier implements WantedBlocks {
  readonly isWhole: boolean
  readonly #sink: BlockSink
  readonly #to: DagPosition | undefined
  readonly #since: DagPosition
  readonly #mode: 'all' | 'inner'
  readonly #walk: DagWalk
  #expected: DagStep | undefined
  #bytes = 0

  constructor (sink: BlockSink, { from = [], to, mode = 'all', since = from }: FrontierInit) {
    this.isWhole = from.length === 0 && to === undefined && mode === 'all'
    this.#sink = sink
    this.#to = to
    this.#since = since
    this.#mode = mode
    this.#walk = new DagWalk(sink.root, { from, to, mode, since })
  }

  get root (): CID {
    return this.#sink.root
  }

  get expected (): DagStep | undefined {
    return this.#expected
  }

  get bytes (): number {
    return this.#bytes
  }

  /** Unknown: only the walk finds out. */
  get bytesLeft (): undefined {
    return undefined
  }

  announce (bytes: number): void {
    this.#sink.expect(bytes)
  }

  /** Reads the blocks before the interval that are needed to find it, and finds the first one of it. */
  async start (): Promise<void> {
    for (;;) {
      this.#expected = this.#walk.next()
      if (this.#expected === undefined || this.#expected.wanted) return
      this.#walk.supply(await this.#sink.read(this.#expected.cid))
    }
  }

  request (): DagRequest {
    return { root: this.root, mode: this.#mode, from: this.#expected?.position ?? [], to: this.#to, since: this.#since }
  }

  ahead (count: number): CID[] {
    return this.#walk.ahead(count)
  }

  accept (cid: CID, bytes: Uint8Array, peer: string): void {
    this.#sink.verify(this.#expected?.cid, cid, bytes, peer)
    this.#bytes += bytes.length
    this.#walk.supply(bytes)
    this.#sink.put(cid, bytes)
    this.#expected = this.#walk.next()
  }

  async room (): Promise<void> {
    await this.#sink.room()
  }
}
