import { DataNodeError, StoppedError, TimedOutError } from '../errors.ts'
import { dialTimeoutMs, providersMax } from '../limits.ts'
import { withDeadline } from './deadline.ts'
import type { ConnectedPeer, Network, RouterPeer } from '../interface/network.ts'

/** Those who may be asked, in their order. Routers are looked up last, because they come and go while others are asked. */
export function * candidates (
  network: Pick<Network, 'find' | 'connect' | 'routerPeers'>, providers: readonly string[]
): Generator<RouterPeer, undefined> {
  for (const name of providers.slice(0, providersMax)) {
    yield { name, find: () => network.find(name), connect: async options => await network.connect(name, options) }
  }
  yield * network.routerPeers()
  return undefined
}

/**
 * Connects to one of them. Resolves with the error when it cannot be reached, which is no failure of this node.
 *
 * Rejects with the signal's reason, or with what is no error of a provider.
 */
export async function connectCandidate (
  candidate: RouterPeer, signal: AbortSignal
): Promise<ConnectedPeer | DataNodeError> {
  const { name } = candidate
  const timedOut = (): Error => new TimedOutError(`${name} could not be reached within ${dialTimeoutMs} ms`, { peer: name })
  try {
    return await withDeadline(dialTimeoutMs, signal, timedOut, async own => await candidate.connect({ signal: own }))
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof DataNodeError) || error instanceof StoppedError) throw error
    return error
  }
}
