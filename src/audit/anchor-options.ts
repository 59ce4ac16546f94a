import { checkNumber, checkObject, invalidArgument } from '../format/argument.ts'
import { isAnchorId } from '../format/anchor-receipt.ts'
import type { DataNodeInit } from '../interface/data-node.ts'

/** What a host says of its anchor. */
export type AnchorOptions = Pick<DataNodeInit, 'anchor' | 'anchorIntervalMs'>

/** @throws {@link InvalidArgumentError} when the anchor is none, or the time is none or has no anchor */
export function checkAnchor ({ anchor, anchorIntervalMs }: AnchorOptions): void {
  if (anchorIntervalMs !== Infinity) checkNumber(anchorIntervalMs, 'anchorIntervalMs', { min: 1, max: Number.MAX_SAFE_INTEGER })
  if (anchor === undefined) {
    if (anchorIntervalMs !== undefined) throw invalidArgument('anchorIntervalMs', 'given together with an anchor', anchorIntervalMs)
    return
  }
  const given: unknown = anchor
  checkObject(given, 'anchor')
  if (!isAnchorId(given['id'])) throw invalidArgument('anchor.id', 'a name without spaces, such as eip155:1:0x…', given['id'])
  for (const verb of ['read', 'write']) {
    if (typeof given[verb] !== 'function') throw invalidArgument(`anchor.${verb}`, 'a function', given[verb])
  }
}
