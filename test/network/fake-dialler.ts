import { identityOf } from './support.ts'
import type { ConnectedPeer } from '../../src/interface/network.ts'
import type { RouterAddress } from '../../src/network/router-address.ts'
import type { RouterDialler } from '../../src/network/router-link.ts'

export const alice: ConnectedPeer = { address: identityOf(1).address, peerId: identityOf(1).peerId }
export const bob: ConnectedPeer = { address: identityOf(2).address, peerId: identityOf(2).peerId }

/** Dials that a test answers one by one. */
export class FakeDialler implements RouterDialler {
  readonly connected: Map<string, ConnectedPeer> = new Map<string, ConnectedPeer>()
  readonly dials: { address: RouterAddress, signal: AbortSignal, answer: PromiseWithResolvers<ConnectedPeer> }[] = []
  readonly dropped: ConnectedPeer[] = []
  roundTrips: (() => Promise<number>)[] = []

  isConnected = (peerId: string): boolean => this.connected.has(peerId)

  find = (name: string): ConnectedPeer | undefined =>
    [...this.connected.values()].find(({ address, peerId }) => name === address || name === peerId)

  dial = async (address: RouterAddress, { signal }: { signal: AbortSignal }): Promise<ConnectedPeer> => {
    const answer = Promise.withResolvers<ConnectedPeer>()
    this.dials.push({ address, signal, answer })
    return await answer.promise
  }

  roundTrip = async (): Promise<number> => await (this.roundTrips.shift()?.() ?? 5)

  drop = (peer: ConnectedPeer): void => {
    this.dropped.push(peer)
    this.connected.delete(peer.peerId)
  }

  /** Answers the latest dial. */
  accept (peer: ConnectedPeer): void {
    this.connected.set(peer.peerId, peer)
    this.dials.at(-1)?.answer.resolve(peer)
  }

  refuse (reason: string): void {
    this.dials.at(-1)?.answer.reject(new Error(reason))
  }
}
