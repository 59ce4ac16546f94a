import { noise } from '@chainsafe/libp2p-noise'
import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it } from 'vitest'
import { messageMemory, sentMemory } from '../../src/format/claimed-memory.ts'
import { cacheKeys } from '../../src/network/cached-keys.ts'
import { silentLogger } from '../../src/network/silent-logger.ts'
import { noise as bytesOf } from '../format/dags.ts'
import type { Upgrader } from '@libp2p/interface'

type Bytes = Uint8Array | Uint8ArrayList
type Transform = (message: Bytes, nonce: Uint8Array, additional: Uint8Array, key: Uint8Array, into?: Uint8Array) => Bytes

async function encrypterOf (): Promise<{ crypto: { encrypt: Transform, decrypt: Transform } }> {
  const privateKey = await generateKeyPair('secp256k1')
  const components = { privateKey, peerId: peerIdFromPrivateKey(privateKey), logger: silentLogger, upgrader: {} as Upgrader }
  return noise()(components) as unknown as { crypto: { encrypt: Transform, decrypt: Transform } }
}

const key = bytesOf(32, 1)
const other = bytesOf(32, 2)
const nonce = bytesOf(12, 3)
const additional = new Uint8Array()
const sizes = [0, 1, 1199, 1200, 1215, 1216, 65_519]

describe('cacheKeys', () => {
  it('makes the same bytes as Noise did, for messages of every size and shape, with several keys', async () => {
    const [plain, cached] = [(await encrypterOf()).crypto, await encrypterOf()]
    expect(cacheKeys(cached)).toBe(true)
    for (const size of sizes) {
      for (const used of [key, other, key]) {
        const message = bytesOf(size, size)
        const pieces = new Uint8ArrayList(message.subarray(0, size >> 1), message.subarray(size >> 1))
        for (const shape of [message, pieces]) {
          const sealed = cached.crypto.encrypt(shape, nonce, additional, used)
          expect(Buffer.compare(sealed.subarray(), plain.encrypt(message, nonce, additional, used).subarray())).toBe(0)
          for (const given of [sealed.subarray(), new Uint8ArrayList(sealed.subarray(0, 9), sealed.subarray(9))]) {
            expect(Buffer.compare(cached.crypto.decrypt(given, nonce, additional, used).subarray(), message)).toBe(0)
            const into = Uint8Array.from(given.subarray(0, size))
            expect(Buffer.compare(cached.crypto.decrypt(given, nonce, additional, used, into).subarray(), message)).toBe(0)
          }
        }
      }
    }
  })

  it('gives what stays as it is when later messages come in pieces', async () => {
    const cached = await encrypterOf()
    cacheKeys(cached)
    const texts = [65_519, 40_000, 65_519].map((size, n) => bytesOf(size, n))
    const opened = texts.map((text) => {
      const sealed = cached.crypto.encrypt(text, nonce, additional, key).subarray()
      return cached.crypto.decrypt(new Uint8ArrayList(sealed.subarray(0, 30_000), sealed.subarray(30_000)), nonce, additional, key)
    })
    expect(opened.map((text, n) => Buffer.compare(text.subarray(), texts[n] ?? new Uint8Array()))).toEqual([0, 0, 0])
  })

  it('claims the memory of what it makes, and frees what is to be freed when it was sent', async () => {
    const cached = await encrypterOf()
    cacheKeys(cached)
    const block = sentMemory.claim(bytesOf(100_000, 1))
    const pieces = [block.subarray(0, 50_000), block.subarray(50_000, 99_999), block.subarray(99_999)]
    const sealed = pieces.map(piece => cached.crypto.encrypt(piece, nonce, additional, key))
    expect(block.byteLength).toBe(100_000)
    await Promise.resolve()
    expect(block.byteLength).toBe(0)
    const opened = sealed.map(text => cached.crypto.decrypt(text.subarray(), nonce, additional, key))
    expect(Buffer.compare(Buffer.concat(opened.map(text => text.subarray())), bytesOf(100_000, 1))).toBe(0)
    const [first] = sealed[0] instanceof Uint8Array ? [sealed[0]] : [...sealed[0] ?? []]
    expect([first, opened[0]?.subarray()].map(bytes => bytes !== undefined && messageMemory.has(bytes))).toEqual([true, true])
  })

  it('refuses what is not what was encrypted', async () => {
    const cached = await encrypterOf()
    cacheKeys(cached)
    for (const size of sizes) {
      const sealed = cached.crypto.encrypt(bytesOf(size, size), nonce, additional, key).subarray()
      for (const at of [0, sealed.length - 1]) {
        const damaged = sealed.map((byte, index) => index === at ? byte ^ 1 : byte)
        expect(() => cached.crypto.decrypt(damaged, nonce, additional, key)).toThrow()
      }
      expect(() => cached.crypto.decrypt(sealed, nonce, additional, other)).toThrow()
    }
  })

  it('does nothing where the functions are not as expected', () => {
    const odd = { crypto: { encrypt: 1 } }
    expect([cacheKeys({}), cacheKeys(odd)]).toEqual([false, false])
    expect(odd).toEqual({ crypto: { encrypt: 1 } })
  })
})
