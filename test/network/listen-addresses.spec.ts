import { describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.ts'
import { listenAddresses, listenError } from '../../src/network/listen-addresses.ts'

describe('listenAddresses', () => {
  it('are none when nothing is said', () => {
    expect(listenAddresses(undefined)).toEqual([])
  })

  it.each([0, 1, 65_535])('are all IPv4 interfaces for port %i', (port) => {
    expect(listenAddresses(port)).toEqual([`/ip4/0.0.0.0/tcp/${port}`])
  })

  it.each([-1, 65_536, 1.5, NaN, Infinity])('refuses port %d', (port) => {
    expect(() => listenAddresses(port)).toThrow(InvalidArgumentError)
    expect(() => listenAddresses(port)).toThrow(String(port))
  })

  it('are the multiaddrs that are given', () => {
    expect(listenAddresses(['/ip6/::1/tcp/0', '/memory/x'])).toEqual(['/ip6/::1/tcp/0', '/memory/x'])
    expect(() => listenAddresses(['9100'])).toThrow(InvalidArgumentError)
  })

  it.each(['9100', '/ip4/127.0.0.1/tcp/0', null, {}, true, [5], [null]])('refuses %j', (listen) => {
    expect(() => listenAddresses(listen as never)).toThrow(InvalidArgumentError)
    expect(() => listenAddresses(listen as never)).toThrow(/^listen/)
  })
})

describe('listenError', () => {
  it('names each address with what is wrong with it, and nothing else', () => {
    const cause = Object.assign(new Error('Some configured addresses failed to be listened on, you may need to remove one or more.\n' +
      '\n  /ip4/127.0.0.1/tcp/1: listen EACCES\n  /ip4/127.0.0.1/tcp/2: listen EADDRINUSE'), { name: 'UnsupportedListenAddressesError' })
    const error = listenError(['a'], cause)
    expect(error?.message).toBe('Cannot listen: /ip4/127.0.0.1/tcp/1: listen EACCES; /ip4/127.0.0.1/tcp/2: listen EADDRINUSE')
    expect(error?.details).toMatchObject({ addresses: ['a'] })
  })

  it('is about nothing else', () => {
    expect(listenError([], new Error('something else'))).toBeUndefined()
    expect(listenError([], 'text')).toBeUndefined()
  })
})
