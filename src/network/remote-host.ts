import type { Multiaddr } from '@multiformats/multiaddr'

const mappedIpv4 = /^::ffff:(?:\d+\.\d+\.\d+\.\d+|[0-9a-f]{1,4}:[0-9a-f]{1,4})$/i

/**
 * Who an inbound connection is counted for, without the port, which is another one for each connection. Of an IPv6 address its
 * first 64 bits: whoever has one address has all of them. An IPv4 address inside an IPv6 one counts by itself.
 */
export function remoteHost (address: Multiaddr): string {
  const [first] = address.getComponents()
  const host = first?.value ?? ''
  return first?.name === 'ip6' && !mappedIpv4.test(host) ? networkOf(host) : host
}

/** Groups that `::` stands for are zero. */
function networkOf (address: string): string {
  const [head = '', tail] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  return `${[...before, ...zeros, ...after].slice(0, 4).map(group => parseInt(group, 16).toString(16)).join(':')}::/64`
}
