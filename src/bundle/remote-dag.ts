import { LimitExceededError } from '../errors.ts'
import { firstChild, nextSibling } from '../format/dag-position.ts'
import type { DagPlace, DagReader } from './dag-reader.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { Staging } from '../interface/store.ts'
import type { FetchDagOptions, FetchedDag, Transfer } from '../interface/transfer.ts'
import type { CID } from 'multiformats/cid'

/** Part of a DAG to fetch. */
type Interval = Pick<FetchDagOptions, 'from' | 'to' | 'mode'>

/** How all parts are fetched. */
export type RemoteDagOptions = Pick<FetchDagOptions, 'providers' | 'stallTimeoutMs' | 'onProgress' | 'bytesMax'>

/** Reads a DAG that other nodes have: what is asked for is fetched once, and kept in a staging area. */
export class RemoteDag implements DagReader {
  readonly #transfer: Pick<Transfer, 'fetchDag'>
  readonly #staging: Staging
  readonly #root: CID
  readonly #options: RemoteDagOptions
  /** What is there completely, by mode and position. */
  readonly #complete = new Set<string>()
  #bytes = 0

  constructor (transfer: Pick<Transfer, 'fetchDag'>, staging: Staging, root: CID, options: RemoteDagOptions) {
    this.#transfer = transfer
    this.#staging = staging
    this.#root = root
    this.#options = options
  }

  async get (place: DagPlace, options: AbortOptions = {}): Promise<Uint8Array> {
    const { cid, position } = place
    if (!await this.#staging.has(cid, options)) await this.fetch({ from: position, to: firstChild(position) }, options)
    return this.#staging.get(cid, options)
  }

  async prepare ({ position }: DagPlace, mode: 'all' | 'inner', options: AbortOptions = {}): Promise<void> {
    if (this.#isComplete(position, 'all') || this.#isComplete(position, mode)) return
    const to = nextSibling(position)
    await this.fetch({ from: position, mode, ...(to === undefined ? {} : { to }) }, options)
    this.#complete.add(keyOf(position, mode))
  }

  /** Fetches an interval; all intervals together may bring in `bytesMax`. */
  async fetch (interval: Interval, { signal }: AbortOptions = {}): Promise<FetchedDag> {
    const { bytesMax } = this.#options
    const left = bytesMax - this.#bytes
    if (left <= 0) {
      throw new LimitExceededError(`${this.#bytes} bytes of ${this.#root.toString()} were fetched, and no more than ${bytesMax} may be`,
        { limit: 'bytesMax', max: bytesMax, actual: this.#bytes })
    }
    const options = { ...this.#options, ...interval, bytesMax: left, signal }
    const fetched = await this.#transfer.fetchDag(this.#root, this.#staging, options)
    this.#bytes += fetched.bytes
    return fetched
  }

  /** Also when something above is. */
  #isComplete (position: readonly number[], mode: 'all' | 'inner'): boolean {
    for (let depth = 0; depth <= position.length; depth++) {
      if (this.#complete.has(keyOf(position.slice(0, depth), mode))) return true
    }
    return false
  }
}

function keyOf (position: readonly number[], mode: 'all' | 'inner'): string {
  return `${mode}:${position.join()}`
}
