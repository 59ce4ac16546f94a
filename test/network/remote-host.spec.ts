import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { remoteHost } from '../../src/network/remote-host.ts'

describe('remoteHost', () => {
  it.each([
    ['/ip4/192.0.2.1/tcp/1', '192.0.2.1'],
    ['/ip6/2001:db8:1:2:3:4:5:6/tcp/1', '2001:db8:1:2::/64'],
    ['/ip6/2001:db8:1:2::9/tcp/1', '2001:db8:1:2::/64'],
    ['/ip6/2001:db8::1/tcp/1', '2001:db8:0:0::/64'],
    ['/ip6/::1/tcp/1', '0:0:0:0::/64'],
    ['/memory/name', 'name']
  ])('counts %s for %s', (address, host) => {
    expect(remoteHost(multiaddr(address))).toBe(host)
  })

  it('tells apart IPv4 hosts that come in IPv6 form, and networks of IPv6', () => {
    const hosts = ['::ffff:192.0.2.1', '::ffff:192.0.2.2', '2001:db8:1:2::1', '2001:db8:1:3::1'].map(host => remoteHost(multiaddr(`/ip6/${host}/tcp/1`)))
    expect(new Set(hosts).size).toBe(4)
  })
})
