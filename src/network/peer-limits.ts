import { checkNumber, checkObject, invalidArgument } from '../format/argument.ts'
import {
  answersMax, answersPerPeerMax, connectionsMax, connectionsPerHostMax, inboundConnectionsPerSecondMax, inboundStreamsPerPeerMax,
  refusalMs, requestsPerSecondPerPeerMax, sendStallTimeoutMs, serveBytesMax, serveBytesPerPeerMax,
  timerMsMax
} from '../limits.ts'
import type { PeerLimits } from '../interface/peer-limits.ts'

const defaults: Required<PeerLimits> = {
  connections: connectionsMax,
  connectionsPerHost: connectionsPerHostMax,
  newConnectionsPerSecondPerHost: inboundConnectionsPerSecondMax,
  streamsPerPeer: inboundStreamsPerPeerMax,
  requestsPerSecondPerPeer: requestsPerSecondPerPeerMax,
  refusalMs,
  answers: answersMax,
  answersPerPeer: answersPerPeerMax,
  queuedBytes: serveBytesMax,
  queuedBytesPerPeer: serveBytesPerPeerMax,
  stallMs: sendStallTimeoutMs
}

/**
 * What peers may take, with the default of what was left out.
 *
 * @throws {@link InvalidArgumentError} when one is no whole number from 1, or is not known
 */
export function peerLimits (limits: PeerLimits = {}): Required<PeerLimits> {
  checkObject(limits, 'limits')
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(defaults, name)) throw invalidArgument('limits', `of ${Object.keys(defaults).join(', ')}`, name)
    checkNumber(value, `limits.${name}`, { min: 1, max: timerMsMax })
  }
  const given = Object.entries(limits).filter(([, value]) => value !== undefined)
  return { ...defaults, ...Object.fromEntries(given) }
}
