import { InvalidArgumentError } from '../errors.ts'
import { checkNumber, invalidArgument } from '../format/argument.ts'
import { timerMsMax } from '../limits.ts'
import type { PublishResultOptions } from '../interface/data-node.ts'
import type { Network } from '../interface/network.ts'
import type { RevealOptions } from '../interface/offer.ts'

/**
 * Checks how many routers have to hold a result before anything is published or revealed.
 *
 * @throws {@link InvalidArgumentError} when this node does not have so many, or nobody could fetch what they were to hold
 */
export function checkConfirm (options: RevealOptions & Partial<Pick<PublishResultOptions, 'reveal'>>, network: Pick<Network, 'routerPeers'>): void {
  const { confirm, confirmTimeoutMs, reveal } = options
  checkNumber(confirmTimeoutMs, 'confirmTimeoutMs', { min: 1, max: timerMsMax })
  if (confirm === undefined) return
  checkRouters(confirm, 'confirm', network)
  if (reveal === undefined || reveal === 'now') return
  throw new InvalidArgumentError(
    "confirm can be together with reveal: 'now' only, because nobody may fetch the result before: give it to reveal() then")
}

/** @throws {@link InvalidArgumentError} when it is no number of routers that this node has */
export function checkRouters (routers: unknown, name: string, network: Pick<Network, 'routerPeers'>): void {
  const max = network.routerPeers().length
  if (max === 0) throw new InvalidArgumentError(`${name} is about the routers of this node, and it has none: name them to createDataNode`)
  if (routers === undefined) throw invalidArgument(name, `a whole number from 1 to ${max}`, routers)
  checkNumber(routers, name, { min: 1, max })
}
