import { isIPv4, isIPv6 } from 'node:net'
import { peerIdFromString } from '@libp2p/peer-id'
import { CODE_P2P, multiaddr } from '@multiformats/multiaddr'
import { InvalidArgumentError } from '../errors.ts'
import { describeValue } from '../format/argument.ts'
import { parseAddress } from '../format/hex.ts'
import { addressCharactersMax } from '../limits.ts'
import type { PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Address } from '../interface/primitives.ts'

/** Where a router is, and who has to answer there. */
export interface RouterAddress {
  /** As it was given. */
  label: string
  multiaddr: Multiaddr
  expectedAddress?: Address
  expectedPeerId?: string
}

const portMax = 65_535

/**
 * Reads what a host calls a router: `<address>@<host>:<port>`, where the host is a name, an IPv4 address or an IPv6
 * address in brackets; or a multiaddr.
 *
 * @throws {@link InvalidArgumentError} when it is neither
 */
export function parseRouterAddress (label: string): RouterAddress {
  if (typeof label !== 'string' || label.length > addressCharactersMax) {
    throw invalid(label)
  }
  return label.startsWith('/') ? parseAsMultiaddr(label) : parseAsAccount(label)
}

/**
 * Reads a multiaddr that says how to get somewhere.
 *
 * @throws {@link InvalidArgumentError} when it is not one, or only names a peer
 */
export function parseMultiaddr (text: string): Multiaddr {
  if (typeof text !== 'string' || text.length > addressCharactersMax) {
    throw invalid(text)
  }
  try {
    const parsed = multiaddr(text)
    if (parsed.getComponents().some(({ code }) => code !== CODE_P2P)) {
      return parsed
    }
  } catch (cause) {
    throw invalid(text, cause)
  }
  throw invalid(text)
}

/**
 * The peer that a multiaddr leads to, when it says so.
 *
 * @throws {@link InvalidArgumentError} when what follows `/p2p/` is not a peer id
 */
export function peerIdOf (address: Multiaddr): PeerId | undefined {
  const text = address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value
  try {
    return text === undefined ? undefined : peerIdFromString(text)
  } catch (cause) {
    throw invalid(address.toString(), cause)
  }
}

function parseAsMultiaddr (label: string): RouterAddress {
  const parsed = parseMultiaddr(label)
  const expectedPeerId = peerIdOf(parsed)?.toString()
  return { label, multiaddr: parsed, ...(expectedPeerId === undefined ? {} : { expectedPeerId }) }
}

function parseAsAccount (label: string): RouterAddress {
  const [, account = '', host = '', portDigits = ''] = /^(0x[0-9a-fA-F]{40})@([^@]+):([0-9]{1,5})$/.exec(label) ?? []
  const port = Number(portDigits)
  const hostPart = hostComponent(host)
  if (hostPart === undefined || port < 1 || port > portMax) {
    throw invalid(label)
  }
  return { label, multiaddr: multiaddr(`${hostPart}/tcp/${port}`), expectedAddress: parseAddress(account) }
}

function hostComponent (host: string): string | undefined {
  if (isIPv4(host)) {
    return `/ip4/${host}`
  }
  if (host.startsWith('[') && host.endsWith(']')) {
    const inner = host.slice(1, -1)
    return isIPv6(inner) && !inner.includes('%') ? `/ip6/${inner}` : undefined
  }
  return isHostName(host) ? `/dns/${host}` : undefined
}

/** A last label of digits only would be a malformed IPv4 address. */
function isHostName (host: string): boolean {
  const labels = host.split('.')
  return host.length <= 253 &&
    labels.every(label => /^[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?$/.test(label)) &&
    !/^[0-9]+$/.test(labels.at(-1) ?? '')
}

function invalid (value: unknown, cause?: unknown): InvalidArgumentError {
  return new InvalidArgumentError(
    `${describeValue(value)} is neither a multiaddr nor of the form 0xaddress@host:port`,
    cause === undefined ? { value } : { value, cause })
}
