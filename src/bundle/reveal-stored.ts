import { NotStoredError } from '../errors.ts'
import { expectKind } from './expect-kind.ts'
import { openHandle } from './handle.ts'
import type { HandleComponents } from './bundle-handle.ts'
import type { RevealOptions } from '../interface/offer.ts'
import type { CID } from 'multiformats/cid'

/**
 * Ends the embargo of a result that is stored, as its handle does.
 *
 * @throws {@link NotStoredError} when it is not stored
 * @throws {@link WrongKindError} when it is not a result
 * @throws {@link InvalidArgumentError} when `confirm` is more than this node has routers; then nothing is revealed
 * @throws {@link NotConfirmedError} when not so many confirm; it is revealed all the same
 */
export async function revealStored (components: HandleComponents, root: CID, options: RevealOptions): Promise<void> {
  const stored = components.store.record(root)
  if (stored === undefined) throw new NotStoredError(`${root.toString()} is not stored here: publish it first`, { cid: root.toString() })
  const result = await expectKind(await openHandle(components, stored, options), 'result')
  try {
    await result.reveal(options)
  } finally {
    await result.close()
  }
}
