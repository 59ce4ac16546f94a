import { describe, expect, it } from 'vitest'
import { Uint8ArrayList } from 'uint8arraylist'
import { decryptOnce } from '../../src/network/single-decryption.ts'
import { noise } from '../format/dags.ts'

interface Secured {
  handshake: { decrypt: (...given: unknown[]) => unknown }
  decrypt: (message: Uint8Array | Uint8ArrayList) => unknown
}

describe('decryptOnce', () => {
  it('hands over a message as it came, without a copy to write to', () => {
    const given: unknown[][] = []
    const secured: Secured = {
      handshake: { decrypt: (...args) => { given.push(args); return 'text' } },
      decrypt: () => { throw new Error('not replaced') }
    }
    expect(decryptOnce(secured)).toBe(true)
    const message = new Uint8ArrayList(noise(10, 1), noise(10, 2))
    expect(secured.decrypt(message)).toBe('text')
    expect(given).toEqual([[message]])
    expect(given[0]?.[0]).toBe(message)
  })

  it('refuses what is shorter than a tag before anything is asked of the cipher', () => {
    const secured: Secured = { handshake: { decrypt: () => { throw new Error('asked') } }, decrypt: () => undefined }
    decryptOnce(secured)
    for (const bytes of [1, 15]) expect(() => secured.decrypt(new Uint8Array(bytes))).toThrow('shorter than its tag')
  })

  it('does nothing where a connection is not as expected', () => {
    const decrypt = (): void => {}
    const odd = { decrypt, handshake: {} }
    expect([decryptOnce({}), decryptOnce({ decrypt }), decryptOnce(odd)]).toEqual([false, false, false])
    expect(odd.decrypt).toBe(decrypt)
  })
})
