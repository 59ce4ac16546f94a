import { generateKeyPair } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id'
import { describe, expect, it } from 'vitest'
import { ConnectedPeers, peerOf } from '../../src/network/connected-peers.ts'
import { identityOf } from './support.ts'

const { address, peerId } = identityOf(1)
const id = peerIdFromString(peerId)

describe('ConnectedPeers', () => {
  it('finds a peer by its address in any case and by its peer id', () => {
    const peers = new ConnectedPeers()
    const peer = peers.add(id)
    expect(peer).toEqual({ address, peerId })
    expect(peers.add(id)).toBe(peer)
    expect(peers.find(peerId)).toBe(peer)
    expect(peers.find(address)).toBe(peer)
    expect(peers.find(`0x${address.slice(2).toUpperCase()}`)).toBe(peer)
    expect(peers.idOf(peerId)).toBe(id)
  })

  it('forgets a peer', () => {
    const peers = new ConnectedPeers()
    peers.add(id)
    peers.remove(peerId)
    peers.remove(peerId)
    expect([peers.find(peerId), peers.find(address), peers.idOf(peerId)]).toEqual([undefined, undefined, undefined])
  })

  it('knows a peer without an EVM account by its peer id only', async () => {
    const other = peerIdFromPrivateKey(await generateKeyPair('Ed25519'))
    const peers = new ConnectedPeers()
    expect(peers.add(other)).toEqual({ address: undefined, peerId: other.toString() })
    expect(peers.find(other.toString())).toEqual(peerOf(other))
    expect(peers.find('undefined')).toBeUndefined()
  })
})
