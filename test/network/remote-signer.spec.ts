import { describe, expect, it, vi } from 'vitest'
import { checkedSigner } from '../../src/network/remote-signer.ts'
import { addressOf, signWith } from './delegations.ts'
import type { RemoteSigner } from '../../src/interface/signer.ts'

const address = addressOf(7)
const digest = new Uint8Array(32).fill(5)
const signer = (sign: RemoteSigner['sign']): RemoteSigner => checkedSigner({ address, sign }, { timeoutMs: 50 })

describe('checkedSigner', () => {
  it('gives the signature of its address', async () => {
    const { sign, ...rest } = checkedSigner({ address: address.toUpperCase().replace('0X', '0x') as typeof address, sign: signWith(7) })
    expect(rest).toEqual({ address })
    expect(await sign(digest, {})).toEqual(await signWith(7)(digest))
  })

  it.each([undefined, null, {}, { address }, { address: '0x1', sign: signWith(7) }, { address, sign: 'x' }])('refuses %o', (value) => {
    expect(() => checkedSigner(value as never)).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
  })

  const highS = async (): Promise<Uint8Array> => {
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
    const signature = Buffer.from(await signWith(7)(digest))
    const s = order - BigInt(`0x${signature.subarray(32, 64).toString('hex')}`)
    return Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex'), Uint8Array.of(signature[64] === 27 ? 28 : 27)])
  }

  it.each<[string, RemoteSigner['sign'], RegExp]>([
    ['signs with another key', signWith(8), /gave the signature of 0x/],
    ['signs something else', async () => await signWith(7)(new Uint8Array(32)), /gave the signature of 0x/],
    ['gives a high s', highS, /has a high s/],
    ['gives too few bytes', () => Promise.resolve(new Uint8Array(64)), /65 bytes/],
    ['gives text', () => Promise.resolve('0x' as never), /failed/],
    ['throws', () => { throw new Error('no session') }, /failed: no session/],
    ['rejects', () => Promise.reject(new Error('503')), /failed: 503.*try again/],
    ['does not answer', () => new Promise(() => {}), /did not answer within 50 ms/]
  ])('is a SignerError when the signer %s', async (_, sign, message) => {
    await expect(signer(sign).sign(digest, {})).rejects.toThrow(
      expect.objectContaining({ name: 'SignerError', retryable: true, message: expect.stringMatching(message) as unknown }))
  })

  it('tells the signer when nobody waits any more, and rejects with the caller\'s reason', async () => {
    const caller = new AbortController()
    const asked = vi.fn<RemoteSigner['sign']>(() => new Promise(() => {}))
    const signing = checkedSigner({ address, sign: asked }).sign(digest, { signal: caller.signal })
    caller.abort(new Error('gone'))
    await expect(signing).rejects.toThrow('gone')
    expect(asked.mock.calls[0]?.[1].signal?.aborted).toBe(true)
    await expect(checkedSigner({ address, sign: asked }).sign(digest, { signal: caller.signal })).rejects.toThrow('gone')
    expect(asked).toHaveBeenCalledTimes(1)
  })

  it('keeps its digest from what the signer does to it', async () => {
    const own = Uint8Array.from(digest)
    await signer(async given => {
      const signature = await signWith(7)(given)
      given.fill(0)
      return signature
    }).sign(own, {})
    expect(own).toEqual(digest)
  })
})
