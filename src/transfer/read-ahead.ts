import { rawCodec } from '../format/dag-links.ts'
import { serveReadAheadBlocksMax, serveReadAheadBytesMax } from '../limits.ts'
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

interface Reading {
  step: DagStep
  reading: Promise<Uint8Array>
  /** Set when it was read before anybody waited for it. */
  bytes: Uint8Array | undefined
}

/** Reads that are started before the size of any leaf is known. */
const firstWindow = 4

/**
 * Reads the wanted blocks of a walk in its order, several at a time and never more than `bytesMax()` ahead of the consumer,
 * or one block.
 * Gives together what was read by the time that it is asked for: waiting for every block by itself costs more than a small one.
 *
 * Rejects as the first read that fails does, after the blocks before it.
 */
export async function * readAhead (
  walk: DagWalk, read: ReadBlock, signal: AbortSignal, bytesMax: () => number = () => serveReadAheadBytesMax
): AsyncGenerator<readonly WalkedBlock[], undefined> {
  const queue: Reading[] = []
  let window = firstWindow
  let largest = 1
  let batch: WalkedBlock[] = []
  for (;;) {
    // What the consumer is given counts as read ahead until it asks again; the reads after it go on meanwhile.
    while (queue.length + batch.length < window && !isBranch(queue.at(-1))) {
      const step = walk.next()
      if (step === undefined) break
      queue.push(startRead(read, step, signal))
    }
    if (batch.length > 0) yield batch
    batch = []
    const [first] = queue
    if (first === undefined) return undefined
    await first.reading
    for (const { step, bytes } of takeRead(queue, Math.ceil(window / 2))) {
      if (step.cid.code === rawCodec) largest = Math.max(largest, bytes.length)
      else walk.supply(bytes)
      if (step.wanted) batch.push({ cid: step.cid, bytes })
    }
    // How large leaves are is known from the first one on, and says how many fit.
    const fitting = Math.min(serveReadAheadBlocksMax, Math.floor(bytesMax() / largest))
    if (largest > 1) window = Math.max(1, Math.min(window * 2, fitting))
  }
}

/** Takes what was read, up to so many, from the front of the queue. */
function * takeRead (queue: Reading[], count: number): Generator<{ step: DagStep, bytes: Uint8Array }> {
  for (let taken = 0; taken < count; taken++) {
    const [first] = queue
    if (first?.bytes === undefined) return
    queue.shift()
    yield { step: first.step, bytes: first.bytes }
  }
}

/** The walk cannot go beyond a block whose links are not known. */
function isBranch (reading: Reading | undefined): boolean {
  return reading !== undefined && reading.step.cid.code !== rawCodec
}

function startRead (read: ReadBlock, step: DagStep, signal: AbortSignal): Reading {
  const reading: Reading = { step, bytes: undefined, reading: read(step, { signal }) }
  // When an earlier read fails, nobody waits for this one any more.
  reading.reading.then((bytes) => { reading.bytes = bytes }, () => {})
  return reading
}
