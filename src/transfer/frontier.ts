import { rawCodec } from '../format/dag-links.ts'
import { DagWalk } from '../format/dag-walk.ts'
import { plannedLeavesMax } from '../limits.ts'
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
  /** The walk, where it stands already at the first block that is missing. */
  at?: { walk: DagWalk, step: DagStep } | undefined
  /** Bytes that are enough, though there may be more: an answer may end before a block with which it would have more. */
  enoughBytes?: number | undefined
  /** Called when an inner block has come, with which more leaves may be known. */
  onInner?: (() => void) | undefined
}

/** What of a part of a DAG has come, and which block is expected next. Providers come and go; this stays. */
export class Frontier implements WantedBlocks {
  readonly #sink: BlockSink
  readonly #isWhole: boolean
  #to: DagPosition | undefined
  #isCut = false
  readonly #since: DagPosition
  readonly #mode: 'all' | 'inner'
  readonly #walk: DagWalk
  readonly #enoughBytes: number | undefined
  readonly #onInner: (() => void) | undefined
  #expected: DagStep | undefined
  #isEnough = false
  #cutAtBytes: number | undefined
  #bytes = 0

  constructor (sink: BlockSink, { from = [], to, mode = 'all', since = from, at, enoughBytes, onInner }: FrontierInit) {
    this.#isWhole = from.length === 0 && to === undefined && mode === 'all' && enoughBytes === undefined
    this.#sink = sink
    this.#to = to
    this.#since = since
    this.#mode = mode
    this.#walk = at?.walk ?? new DagWalk(sink.root, { from, to, mode, since })
    this.#expected = at?.step
    this.#enoughBytes = enoughBytes
    this.#onInner = onInner
  }

  get root (): CID {
    return this.#sink.root
  }

  get isWhole (): boolean {
    return this.#isWhole && !this.#isCut
  }

  get isCut (): boolean {
    return this.#isCut
  }

  get expected (): DagStep | undefined {
    return this.#expected
  }

  get isComplete (): boolean {
    return this.#expected === undefined || this.#isEnough || this.#bytes >= (this.#enoughBytes ?? Infinity)
  }

  end (): boolean {
    this.#isEnough ||= this.#enoughBytes !== undefined && this.#bytes > 0
    return this.isComplete
  }

  get bytes (): number {
    return this.#bytes
  }

  /** Unknown until it is cut: only the walk finds out. */
  get bytesLeft (): number | undefined {
    return this.#cutAtBytes === undefined ? undefined : Math.max(0, this.#cutAtBytes - this.#bytes)
  }

  /** How many leaves are all that is missing; undefined while there may be others, or are very many. */
  get leavesLeft (): number | undefined {
    if (this.#expected?.cid.code !== rawCodec) return undefined
    let count = 1
    for (const { cid } of this.#walk.upcoming()) {
      if (cid.code !== rawCodec || ++count > plannedLeavesMax) return undefined
    }
    return count
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

  /**
   * Ends sooner, after one leaf, and those after it that about so many bytes have room for. Gives the first position that does
   * not belong to it any more; undefined when not so many leaves in a row are known, or none comes after them. Then nothing
   * changes.
   */
  cut (bytes: number): DagPosition | undefined {
    if (this.#expected?.cid.code !== rawCodec) return undefined
    let left = bytes - this.#sink.leafBytes
    for (const { cid, position } of this.#walk.upcoming()) {
      if (cid.code !== rawCodec) return undefined
      if (left >= this.#sink.leafBytes) {
        left -= this.#sink.leafBytes
        continue
      }
      this.#isCut = true
      this.#cutAtBytes = this.#bytes + bytes - left
      this.#to = position
      this.#walk.endAt(position)
      return position
    }
    return undefined
  }

  request (): DagRequest {
    const rest = { from: this.#expected?.position ?? [], to: this.#to, since: this.#since }
    const enough = this.#enoughBytes === undefined ? {} : { enoughBytes: Math.max(1, this.#enoughBytes - this.#bytes) }
    return { root: this.root, mode: this.#mode, ...rest, ...enough }
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
    if (cid.code !== rawCodec) this.#onInner?.()
  }

  room (): Promise<void> | undefined {
    return this.#sink.room()
  }
}
