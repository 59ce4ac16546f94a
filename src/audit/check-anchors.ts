import { TimedOutError } from '../errors.ts'
import { checkObject, invalidArgument } from '../format/argument.ts'
import { anchorReadTimeoutMs } from '../limits.ts'
import { withDeadline } from '../transfer/deadline.ts'
import { timeText } from './time-text.ts'
import type { Anchor, AnchorReceipt } from '../interface/anchor.ts'
import type { EvidenceClaim } from '../interface/evidence.ts'

/** How an anchor's answer bears on a receipt. */
type Standing = Pick<EvidenceClaim, 'holds' | 'words'>

/** What a receipt and its anchor have to agree about. */
const facts = ['digest', 'blockNumber', 'blockHash', 'time'] as const

/** @throws {@link InvalidArgumentError} when it is not a list of anchors */
export function checkAnchorList (anchors: unknown): asserts anchors is readonly Anchor[] {
  if (!Array.isArray(anchors)) throw invalidArgument('anchors', 'an array of anchors', anchors)
  for (const [at, anchor] of (anchors as unknown[]).entries()) {
    checkObject(anchor, `anchors[${at}]`)
    if (typeof anchor['id'] !== 'string' || typeof anchor['read'] !== 'function') throw invalidArgument(`anchors[${at}]`, 'an anchor', anchor)
  }
}

/**
 * Looks receipts up where they say that they are from. Without an anchor of that name nobody is asked; what an anchor does not
 * say in time is not proven.
 *
 * Rejects with the signal's reason only.
 */
export async function checkAnchors (
  receipts: readonly AnchorReceipt[], anchors: readonly Anchor[], signal: AbortSignal
): Promise<EvidenceClaim[]> {
  return await Promise.all(receipts.map(async (receipt): Promise<EvidenceClaim> => {
    const anchor = anchors.find(({ id }) => id === receipt.anchor)
    const standing = anchor === undefined ? unasked(receipt) : await ask(anchor, receipt, signal)
    return { code: 'anchor', subject: receipt.digest, ...standing }
  }))
}

function unasked (receipt: AnchorReceipt): Standing {
  return { holds: 'not-proven', words: `${said(receipt)}, as its receipt says; not checked: give an anchor that reads ${receipt.anchor}` }
}

async function ask (anchor: Anchor, receipt: AnchorReceipt, signal: AbortSignal): Promise<Standing> {
  let found: AnchorReceipt | undefined
  try {
    const late = (): Error => new TimedOutError(`it did not answer within ${anchorReadTimeoutMs} ms`)
    found = await withDeadline(anchorReadTimeoutMs, signal, late, async own => await anchor.read(receipt.digest, { signal: own }))
  } catch (error) {
    signal.throwIfAborted()
    return { holds: 'not-proven', words: `${said(receipt)}, as its receipt says; not checked: ${reasonOf(error)}` }
  }
  if (found === undefined) return { holds: 'refuted', words: `${receipt.anchor} has no checkpoint ${receipt.digest}, and the receipt says block ${receipt.blockNumber}` }
  const { blockNumber, blockHash, time } = found
  if (facts.every(fact => found[fact] === receipt[fact])) {
    return { holds: 'proven', words: `${said(receipt)}, as ${receipt.anchor} says too` }
  }
  return {
    holds: 'refuted',
    words: `${receipt.anchor} has ${found.digest} since block ${blockNumber} (${blockHash}, ${timeText(time)}), and the receipt says block` +
      ` ${receipt.blockNumber} (${receipt.blockHash}, ${timeText(receipt.time)})`
  }
}

function said ({ blockNumber, time }: AnchorReceipt): string {
  return `anchored no later than block ${blockNumber}, at ${timeText(time)}`
}

function reasonOf (error: unknown): string {
  return error instanceof Error ? error.message : 'the anchor failed'
}
