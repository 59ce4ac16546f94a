import { nextSibling } from '../format/dag-position.ts'
import type { CID } from 'multiformats/cid'
import type { DagStep } from '../format/dag-walk.ts'
import type { DagRequest } from '../format/messages.ts'
import type { DagPosition } from '../interface/transfer.ts'
import type { BlockSink } from './block-sink.ts'
import type { WantedBlocks } from './provider-turn.ts'

/** What a run is made of. */
export interface LeafRunInit {
  /** Leaves in the order of the walk, at least one. */
  leaves: readonly DagStep[]
  /** First position of what counts as sent when a block stands in more than one place; absent when none of these does. */
  since?: DagPosition | undefined
}

/** Some leaves of a DAG, one after the other, whose inner blocks are all there. */
export class LeafRun implements WantedBlocks {
  readonly isWhole = false
  readonly isCut = false
  readonly #sink: BlockSink
  readonly #leaves: readonly DagStep[]
  readonly #since: DagPosition | undefined
  #next = 0
  #bytes = 0

  constructor (sink: BlockSink, { leaves, since }: LeafRunInit) {
    this.#sink = sink
    this.#leaves = leaves
    this.#since = since
  }

  get root (): CID {
    return this.#sink.root
  }

  get expected (): DagStep | undefined {
    return this.#leaves[this.#next]
  }

  get isComplete (): boolean {
    return this.expected === undefined
  }

  end (): boolean {
    return this.isComplete
  }

  get bytes (): number {
    return this.#bytes
  }

  /** As many as such leaves have on average. */
  get bytesLeft (): number {
    return (this.#leaves.length - this.#next) * this.#sink.leafBytes
  }

  request (): DagRequest {
    const from = this.expected?.position ?? []
    const last = this.#leaves.at(-1)?.position ?? []
    return { root: this.root, mode: 'leaves', from, to: nextSibling(last), since: this.#since ?? from }
  }

  ahead (count: number): CID[] {
    return this.#leaves.slice(this.#next + 1, this.#next + 1 + count).map(({ cid }) => cid)
  }

  accept (cid: CID, bytes: Uint8Array, peer: string): void {
    this.#sink.verify(this.expected?.cid, cid, bytes, peer)
    this.#bytes += bytes.length
    this.#next++
    this.#sink.put(cid, bytes)
  }

  room (): Promise<void> | undefined {
    return this.#sink.room()
  }
}
