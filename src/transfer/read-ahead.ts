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
  bytes: Promise<Uint8Array>
}

/** Reads that are started before the size of any leaf is known. */
const firstWindow = 4

/**
 * Reads the wanted blocks of a walk in its order, several at a time and never more than a few megabytes ahead of the consumer.
 *
 * Rejects as the first read that fails does.
 */
export async function * readAhead (
  walk: DagWalk, read: ReadBlock, signal: AbortSignal
): AsyncGenerator<WalkedBlock, undefined> {
  const queue: Reading[] = []
  let window = firstWindow
  let largest = 1
  for (;;) {
    while (queue.length < window && !isBranch(queue.at(-1))) {
      const step = walk.next()
      if (step === undefined) break
      queue.push({ step, bytes: startRead(read, step, signal) })
    }
    const first = queue.shift()
    if (first === undefined) return undefined
    const bytes = await first.bytes
    if (isBranch(first)) {
      walk.supply(bytes)
    } else {
      // How large leaves are is known from the first one on, and says how many fit.
      largest = Math.max(largest, bytes.length)
      window = Math.max(2, Math.min(window * 2, serveReadAheadBlocksMax, Math.floor(serveReadAheadBytesMax / largest)))
    }
    if (first.step.wanted) yield { cid: first.step.cid, bytes }
  }
}

/** The walk cannot go beyond a block whose links are not known. */
function isBranch (reading: Reading | undefined): boolean {
  return reading !== undefined && reading.step.cid.code !== rawCodec
}

function startRead (read: ReadBlock, step: DagStep, signal: AbortSignal): Promise<Uint8Array> {
  const bytes = read(step, { signal })
  // When an earlier read fails, nobody waits for this one any more.
  bytes.catch(() => {})
  return bytes
}
