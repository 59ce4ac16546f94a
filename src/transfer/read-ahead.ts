import { rawCodec } from '../format/dag-links.ts'
import { firstSendBytes, serveReadAheadBlocksMax, serveReadAheadBytesMax, usualBlockBytes } from '../limits.ts'
import type { CID } from 'multiformats/cid'
import type { DagStep, DagWalk } from '../format/dag-walk.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/** A block that goes into an answer. */
export interface WalkedBlock {
  cid: CID
  bytes: Uint8Array
}

/** Reads the block of a step. */
export type ReadBlock = (step: DagStep, options: AbortOptions) => Promise<Uint8Array>

/** How to read ahead. */
export interface ReadAheadOptions {
  /** Bytes that may be read ahead. */
  bytesMax?: () => number
  /** While it is true, what is read is given at once where the next block has to be waited for. */
  isHurried?: () => boolean
}

interface Reading {
  step: DagStep
  reading: Promise<Uint8Array>
  /** Set when it was read before anybody waited for it. */
  bytes: Uint8Array | undefined
}

/**
 * Reads the wanted blocks of a walk in its order, several at a time and never more than `bytesMax()` ahead of the consumer,
 * or one block. What is not read yet counts as a block of usual size: small blocks say nothing of those that come after them.
 *
 * Gives together what makes one send: waiting for every block by itself costs more than a small one.
 *
 * Rejects as the first read that fails does, after the blocks before it.
 */
export async function * readAhead (
  walk: DagWalk, read: ReadBlock, signal: AbortSignal,
  { bytesMax = () => serveReadAheadBytesMax, isHurried = () => false }: ReadAheadOptions = {}
): AsyncGenerator<readonly WalkedBlock[], undefined> {
  const queue = new ReadQueue(walk, async step => await read(step, { signal }), bytesMax)
  let batch: WalkedBlock[] = []
  for (;;) {
    // What the consumer is given counts as read ahead until it asks again; the reads after it go on meanwhile.
    queue.fill(batch)
    const mayWait = batch.length === 0 || (!isSend(batch) && (queue.isReady || !isHurried()))
    const next = mayWait ? await queue.next() : undefined
    if (next instanceof ReadFailure && batch.length === 0) throw next.reason
    if (next === undefined || next instanceof ReadFailure) {
      if (batch.length === 0) return undefined
      yield batch
      batch = []
    } else if (next.isWanted) {
      batch.push(next)
    }
  }
}

/** As much as is sent at first, so that nobody waits for what was gathered. */
function isSend (batch: readonly WalkedBlock[]): boolean {
  return batch.length >= serveReadAheadBlocksMax / 2 || bytesOf(batch) >= firstSendBytes
}

/** Why a block could not be read; it stays in its place until those before it were given. */
class ReadFailure {
  readonly reason: unknown

  constructor (reason: unknown) {
    this.reason = reason
  }
}

/** Reads that were started and not given yet, in the order of the walk. */
class ReadQueue {
  readonly #walk: DagWalk
  readonly #read: (step: DagStep) => Promise<Uint8Array>
  readonly #bytesMax: () => number
  readonly #queue: Reading[] = []
  /** Of the queue, how many are not read yet, and the bytes of the others. */
  #unread = 0
  #readBytes = 0
  #usualBytes = usualBlockBytes

  constructor (walk: DagWalk, read: (step: DagStep) => Promise<Uint8Array>, bytesMax: () => number) {
    this.#walk = walk
    this.#read = read
    this.#bytesMax = bytesMax
  }

  /** Starts as many reads as there is room for, beside what was given. */
  fill (given: readonly WalkedBlock[]): void {
    const givenBytes = bytesOf(given)
    while (!isBranch(this.#queue.at(-1)) && this.#hasRoom(given.length, givenBytes)) {
      const step = this.#walk.next()
      if (step === undefined) return
      const reading: Reading = { step, bytes: undefined, reading: this.#read(step) }
      // When an earlier read fails, nobody waits for this one any more.
      reading.reading.then((bytes) => {
        reading.bytes = bytes
        this.#unread--
        this.#readBytes += bytes.length
        this.#usualBytes = Math.max(this.#usualBytes, bytes.length)
      }, () => {})
      this.#queue.push(reading)
      this.#unread++
    }
  }

  /** True when the next block need not be waited for. */
  get isReady (): boolean {
    return this.#queue[0]?.bytes !== undefined
  }

  /** The next block; undefined at the end. */
  async next (): Promise<WalkedBlock & { isWanted: boolean } | ReadFailure | undefined> {
    const [first] = this.#queue
    if (first === undefined) return undefined
    const { cid, wanted } = first.step
    try {
      const bytes = first.bytes ?? await first.reading
      this.#queue.shift()
      this.#readBytes -= bytes.length
      if (cid.code !== rawCodec) this.#walk.supply(bytes)
      return { cid, bytes, isWanted: wanted }
    } catch (reason) {
      return new ReadFailure(reason)
    }
  }

  #hasRoom (given: number, givenBytes: number): boolean {
    const count = this.#queue.length + given
    if (count === 0) return true
    const bytes = givenBytes + this.#readBytes + (this.#unread + 1) * this.#usualBytes
    return count < serveReadAheadBlocksMax && bytes <= this.#bytesMax()
  }
}

function bytesOf (blocks: readonly WalkedBlock[]): number {
  return blocks.reduce((sum, { bytes }) => sum + bytes.length, 0)
}

/** The walk cannot go beyond a block whose links are not known. */
function isBranch (reading: Reading | undefined): boolean {
  return reading !== undefined && reading.step.cid.code !== rawCodec
}
