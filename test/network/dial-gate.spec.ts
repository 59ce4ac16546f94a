import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { DialGate } from '../../src/network/dial-gate.ts'
import { identityOf } from './support.ts'

const address = multiaddr('/ip4/127.0.0.1/tcp/9100')

describe('DialGate', () => {
  it('lets an address through while it is being dialled, and no other', async () => {
    const gate = new DialGate()
    const denied = (text: string): unknown => gate.gater.denyDialMultiaddr?.(multiaddr(text))
    expect(denied('/ip4/127.0.0.1/tcp/9100')).toBe(true)
    await gate.open(address, async () => {
      expect(denied('/ip4/127.0.0.1/tcp/9100')).toBe(false)
      expect(denied(`/ip4/127.0.0.1/tcp/9100/p2p/${identityOf(1).peerId}`)).toBe(false)
      expect(denied('/ip4/127.0.0.1/tcp/9101')).toBe(true)
    })
    expect(denied('/ip4/127.0.0.1/tcp/9100')).toBe(true)
  })

  it('closes after the last of several dials, also after one that fails', async () => {
    const gate = new DialGate()
    const denied = (): unknown => gate.gater.denyDialMultiaddr?.(address)
    const first = Promise.withResolvers<number>()
    const dial = gate.open(address, () => first.promise)
    await expect(gate.open(address, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(denied()).toBe(false)
    first.resolve(7)
    expect(await dial).toBe(7)
    expect(denied()).toBe(true)
  })
})
