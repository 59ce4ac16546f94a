import { LimitExceededError } from '../errors.ts'
import { comparePositions, firstChild } from '../format/dag-position.ts'
import { Slots } from '../format/slots.ts'
import { untilAborted } from '../format/until-aborted.ts'
import { openBytesEnough, remotePartsMax } from '../limits.ts'
import { SharedWorks } from './shared-work.ts'
import type { DagPart, DagPlace, DagReader } from './dag-reader.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader, BlockWriter } from '../interface/store.ts'
import type { FetchDagOptions, FetchedDag, Transfer } from '../interface/transfer.ts'
import type { CID } from 'multiformats/cid'

/** What is asked for at once. */
type Interval = Pick<FetchDagOptions, 'from' | 'to' | 'mode' | 'bytesThere' | 'leafBytes' | 'enoughBytes'>

/** How all parts are fetched. */
export type RemoteDagOptions = Pick<FetchDagOptions, 'providers' | 'stallTimeoutMs' | 'onProgress' | 'bytesMax' | 'onSaid'>

/** Reads a DAG that other nodes have: what is asked for is fetched once, and kept in a staging area. */
export class RemoteDag implements DagReader {
  readonly #transfer: Pick<Transfer, 'fetchDag'>
  readonly #blocks: BlockReader & BlockWriter
  readonly #root: CID
  readonly #options: RemoteDagOptions
  /** What is there completely. */
  #complete: readonly DagPart[] = []
  readonly #fetching = new SharedWorks<FetchedDag>()
  /** Parts that are on their way. */
  readonly #preparing = new Map<DagPart, Promise<unknown>>()
  readonly #slots = new Slots(remotePartsMax)
  #bytes = 0

  constructor (transfer: Pick<Transfer, 'fetchDag'>, blocks: BlockReader & BlockWriter, root: CID, options: RemoteDagOptions) {
    this.#transfer = transfer
    this.#blocks = blocks
    this.#root = root
    this.#options = options
  }

  /** Fetches the root and, where nothing is there yet, as much after it as comes with it in one round trip. */
  async open ({ signal, isEmpty }: AbortOptions & { isEmpty: boolean }): Promise<FetchedDag> {
    return await this.fetch(isEmpty ? { enoughBytes: openBytesEnough } : { to: firstChild([]) }, { signal })
  }

  async get ({ cid, position }: DagPlace, options: AbortOptions = {}): Promise<Uint8Array> {
    if (!await this.#blocks.has(cid, options)) await this.fetch({ from: position, to: firstChild(position) }, options)
    return this.#blocks.get(cid, options)
  }

  async prepare (part: DagPart, options: AbortOptions = {}): Promise<void> {
    const coming = [...this.#preparing].filter(([other]) => overlap(other, part))
    const others = Promise.allSettled(coming.map(async ([, fetching]) => { await fetching }))
    const missing = without(part, [...this.#complete, ...coming.map(([other]) => other)])
    const own = missing === undefined ? undefined : this.#fetchPart(missing, options)
    try {
      if (own !== undefined) this.#preparing.set(part, own)
      await own
    } finally {
      this.#preparing.delete(part)
    }
    const ended = await untilAborted(others, options.signal)
    // Whoever asked for it may not have waited for it.
    if (ended.some(({ status }) => status === 'rejected')) await this.#fetchPart(part, options)
    this.#complete = joined(this.#complete, part)
  }

  async #fetchPart ({ from, to, mode, leafBytes }: DagPart, options: AbortOptions): Promise<void> {
    const interval = { from, mode, bytesThere: 0, leafBytes, ...(to === undefined ? {} : { to }) }
    await this.#slots.run(async () => { await this.fetch(interval, options) }, options)
  }

  /** Fetches an interval; all intervals together may bring in `bytesMax`. Who asks for the same at the same time shares it. */
  async fetch (interval: Interval, { signal }: AbortOptions = {}): Promise<FetchedDag> {
    const key = JSON.stringify(interval)
    const work = this.#fetching.running(key) ?? this.#fetching.start(key, own => this.#fetch(interval, own))
    return await work.join(signal)
  }

  async #fetch (interval: Interval, signal: AbortSignal): Promise<FetchedDag> {
    const { bytesMax } = this.#options
    const left = bytesMax - this.#bytes
    if (left <= 0) {
      throw new LimitExceededError(`${this.#bytes} bytes of ${this.#root.toString()} were fetched, and no more than ${bytesMax} may be`,
        { limit: 'bytesMax', max: bytesMax, actual: this.#bytes })
    }
    const options = { ...this.#options, ...interval, bytesMax: left, signal }
    const fetched = await this.#transfer.fetchDag(this.#root, this.#blocks, options)
    this.#bytes += fetched.bytes
    return fetched
  }
}

/** Adds a part to those that it meets: whoever reads on leaves one behind, and not one for each span. */
function joined (parts: readonly DagPart[], { mode, from, to }: DagPart): DagPart[] {
  const apart = parts.filter(part => {
    if (part.mode !== mode || isBefore(part, { from }) || isBefore({ to }, part)) return true
    if (comparePositions(part.from, from) < 0) from = part.from
    if (to !== undefined && (part.to === undefined || comparePositions(part.to, to) > 0)) to = part.to
    return false
  })
  return [...apart, { from, to, mode }]
}

/** True when something may be between the end of one part and the start of another. */
function isBefore ({ to }: Pick<DagPart, 'to'>, { from }: Pick<DagPart, 'from'>): boolean {
  return to !== undefined && comparePositions(to, from) < 0
}

/** True when something may be in both. */
function overlap (a: DagPart, b: DagPart): boolean {
  return !isBefore(a, b) && !isBefore(b, a)
}

/** What of a part is in none of others that have its beginning or its end; undefined when nothing is. */
function without (part: DagPart, others: readonly DagPart[]): DagPart | undefined {
  const known = others.filter(({ mode }) => mode === 'all' || mode === part.mode)
  let { from, to } = part
  for (let isLeft = true; isLeft;) {
    const first = known.find(other => comparePositions(other.from, from) <= 0 && !endsBefore(other, { to: from }))
    if (first !== undefined && first.to === undefined) return undefined
    from = first?.to ?? from
    const last = known.find(other => (to === undefined || comparePositions(other.from, to) < 0) && endsBefore({ to }, other))
    to = last?.from ?? to
    if (to !== undefined && comparePositions(from, to) >= 0) return undefined
    isLeft = first !== undefined || last !== undefined
  }
  return { ...part, from, to }
}

/** True when a part ends where another one does, or earlier. */
function endsBefore ({ to }: Pick<DagPart, 'to'>, other: Pick<DagPart, 'to'>): boolean {
  return other.to === undefined || (to !== undefined && comparePositions(to, other.to) <= 0)
}
