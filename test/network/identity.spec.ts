import { inspect } from 'node:util'
import { generateKeyPair, privateKeyFromRaw, publicKeyFromRaw } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromPublicKey, peerIdFromString } from '@libp2p/peer-id'
import fc from 'fast-check'
import { hexToBytes, recoverAddress, toHex } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { InvalidKeyError } from '../../src/errors.ts'
import { addressOfPeer, createIdentity, resolveIdentity } from '../../src/network/identity.ts'
import { readVectors } from '../format/vectors.ts'
import { addressOf, delegate, signWith, walletKey } from './delegations.ts'
import { keyOf } from './support.ts'
import type { Hex } from '../../src/interface/primitives.ts'

const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter(key => key.some(byte => byte !== 0) && (key[0] ?? 0) < 0xff)

describe('identity', () => {
  it('has the address that viem gives to its key, and the peer id that libp2p gives to it', () => {
    fc.assert(fc.property(keys, (key) => {
      const account = privateKeyToAccount(toHex(key))
      const identity = createIdentity(key)
      expect(identity.address).toBe(account.address.toLowerCase())
      expect(identity.peerId).toBe(peerIdFromPrivateKey(privateKeyFromRaw(key)).toString())
    }), { numRuns: 20 })
  })

  it('is one in peer id, public key and address, whichever comes first', () => {
    fc.assert(fc.property(keys, (key) => {
      const account = privateKeyToAccount(toHex(key))
      const identity = createIdentity(key)
      const fromPeerId = peerIdFromString(identity.peerId)
      expect(addressOfPeer(fromPeerId)).toBe(account.address.toLowerCase())
      expect(fromPeerId.publicKey?.raw).toEqual(publicKeyFromRaw(identity.libp2pKey.publicKey.raw).raw)
      expect(peerIdFromPublicKey(identity.libp2pKey.publicKey).toString()).toBe(identity.peerId)
    }), { numRuns: 20 })
  })

  it('has the well-known address of the key 1', () => {
    expect(createIdentity(keyOf(1)).address).toBe('0x7e5f4552091a69125d5dfcb7b8c2659029395bdf')
  })

  it('signs what viem recovers, and the same each time', async () => {
    const identity = createIdentity(keyOf(1))
    const digest = hexToBytes(`0x${'5a'.repeat(32)}`)
    const signature = await identity.sign(digest)
    expect((await recoverAddress({ hash: toHex(digest), signature: toHex(signature) })).toLowerCase()).toBe(identity.address)
    expect(await identity.sign(digest)).toEqual(signature)
    await expect(identity.sign(new Uint8Array(31))).rejects.toThrow('32 bytes')
  })

  it('derives nonces that depend on the key, the label and the message', () => {
    const message = Uint8Array.of(1)
    const nonces = [
      createIdentity(keyOf(1)).deriveNonce('a', message), createIdentity(keyOf(2)).deriveNonce('a', message),
      createIdentity(keyOf(1)).deriveNonce('b', message), createIdentity(keyOf(1)).deriveNonce('a', Uint8Array.of(2))
    ].map(nonce => toHex(nonce))
    expect(new Set(nonces).size).toBe(4)
    expect(nonces[0]).toBe(toHex(createIdentity(keyOf(1)).deriveNonce('a', message)))
  })

  it('signs by Ed25519 with a key that depends on its own and on the label, as Node.js does', async () => {
    const { privateKey, label, publicKey, message } = readVectors('audit-key') as Record<'label', string> & Record<'privateKey' | 'publicKey', Hex> & {
      message: { text: string, signature: Hex }
    }
    const signer = createIdentity(hexToBytes(privateKey)).deriveSigner(label)
    expect(toHex(signer.publicKey)).toBe(publicKey)
    expect(toHex(await signer.sign(new TextEncoder().encode(message.text)))).toBe(message.signature)
    expect(toHex(createIdentity(hexToBytes(privateKey)).deriveSigner('another').publicKey)).not.toBe(publicKey)
    expect(toHex(createIdentity(keyOf(1)).deriveSigner(label).publicKey)).not.toBe(publicKey)
    expect(Object.keys(signer)).toEqual(['publicKey'])
    expect(inspect(signer, { showHidden: true, depth: 10 })).not.toMatch(/seed/i)
  })

  it('keeps its key to itself when it is printed, spread or turned into JSON', () => {
    const secret = '5a'.repeat(32)
    const identity = createIdentity(hexToBytes(`0x${secret}`))
    const bytes = Array.from(hexToBytes(`0x${secret}`)).slice(0, 6).join(',')
    for (const text of [
      inspect(identity, { showHidden: true, depth: 10, getters: false }),
      JSON.stringify(identity), JSON.stringify({ ...identity })
    ]) {
      expect(text.replaceAll(/\s/g, '')).not.toContain(bytes)
      expect(text).not.toContain(secret)
      expect(text).not.toContain(Buffer.from(secret, 'hex').toString('base64').slice(0, 12))
    }
    const { address, peerId } = identity
    expect(JSON.parse(JSON.stringify(identity))).toEqual({ address, account: address, signer: address, peerId })
  })

  it('does not change when the bytes that it was made from do', async () => {
    const key = keyOf(1)
    const identity = createIdentity(key)
    const digest = new Uint8Array(32)
    const before = await identity.sign(digest)
    key.fill(9)
    expect(await identity.sign(digest)).toEqual(before)
  })

  it.each([[31], [33], [32]])('refuses %i bytes that are no key', (length) => {
    expect(() => createIdentity(new Uint8Array(length))).toThrow(InvalidKeyError)
  })

  it('gives no address to a peer with another type of key', async () => {
    expect(addressOfPeer(peerIdFromPrivateKey(await generateKeyPair('Ed25519')))).toBeUndefined()
  })
})

describe('resolveIdentity', () => {
  const now = Math.floor(Date.now() / 1000)
  const wallet = addressOf(walletKey)

  it('is its own account, and signs itself', () => {
    const { address, account, signer, delegation } = resolveIdentity(keyOf(101), {})
    expect([account, signer, delegation]).toEqual([address, address, undefined])
  })

  it('speaks for the wallet, and signs itself', async () => {
    const delegation = await delegate(101, { time: now, until: now + 60 })
    const identity = resolveIdentity(keyOf(101), { delegation })
    expect(identity).toMatchObject({ account: wallet, signer: identity.address, delegation: { wallet, delegation } })
    expect(identity.address).toBe(addressOf(101))
  })

  it('has signed what the remote signer signs', async () => {
    const identity = resolveIdentity(keyOf(101), { signer: { address: wallet, sign: signWith(walletKey) } })
    expect(identity).toMatchObject({ address: addressOf(101), account: wallet, signer: wallet })
    const digest = new Uint8Array(32).fill(3)
    expect(await identity.sign(digest)).toEqual(await signWith(walletKey)(digest))
  })

  it('refuses a delegation that does not let it speak', async () => {
    const delegation = await delegate(102, { time: now, until: now + 60 })
    expect(() => resolveIdentity(keyOf(101), { delegation })).toThrow(expect.objectContaining({ name: 'WrongDelegationError' }))
  })
})
