import { peerIdFromString } from '@libp2p/peer-id'
import { checkObject, checkTexts, invalidArgument } from '../format/argument.ts'
import { parseAddress } from '../format/hex.ts'
import { addressCharactersMax, peerRulesMax } from '../limits.ts'
import { addressOfPeer } from './identity.ts'
import type { PeerId } from '@libp2p/interface'
import type { PeerRules } from '../interface/peers.ts'

/** Rules that were read: each peer stands there under its one name. */
export interface ParsedPeerRules {
  /** Undefined when everybody may connect. */
  allow: ReadonlySet<string> | undefined
  deny: ReadonlySet<string>
}

/**
 * Reads who may connect. A secp256k1 peer id and its address name the same peer.
 *
 * @throws {@link InvalidArgumentError} when a list is none, is too long, or names something that is no peer
 */
export function parsePeerRules (rules: PeerRules): ParsedPeerRules {
  checkObject(rules, 'peers')
  const { allow, deny = [] } = rules
  return { allow: allow === undefined ? undefined : namesOf(allow, 'peers.allow'), deny: namesOf(deny, 'peers.deny') }
}

/** The one name of a peer: its address, or else its peer id. */
export function peerName (peerId: PeerId): string {
  return addressOfPeer(peerId) ?? peerId.toString()
}

/**
 * The one name of a peer that is given by address or peer id.
 *
 * @throws when it is neither
 */
export function parsePeerName (text: string): string {
  return text.startsWith('0x') ? parseAddress(text) : peerName(peerIdFromString(text))
}

function namesOf (list: unknown, argument: string): Set<string> {
  checkTexts(list, argument)
  if (list.length > peerRulesMax) throw invalidArgument(argument, `a list of at most ${peerRulesMax} peers`, list)
  return new Set(list.map((text, index) => {
    try {
      if (text.length <= addressCharactersMax) return parsePeerName(text)
    } catch { /* said below */ }
    throw invalidArgument(`${argument}[${index}]`, 'an EVM address or a peer id', text)
  }))
}
