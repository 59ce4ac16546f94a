import type { Stream } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { SignedDelegation } from './delegation.ts'
import type { RouterHealth } from './health.ts'
import type { PeerRules } from './peers.ts'
import type { AbortOptions, Address } from './primitives.ts'
import type { BlockReader } from './store.ts'

/** An Ed25519 key that is made from a node's own. */
export interface DerivedSigner {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** Signs bytes: 64 bytes. */
  sign(message: Uint8Array): Promise<Uint8Array>
}

/** Who this node is. One secp256k1 key is its libp2p key and its EVM account; a wallet may let it speak for itself. */
export interface Identity {
  readonly address: Address
  readonly peerId: string
  /** As whose its statements count, and whom its results name as miner: the wallet that it speaks for, else its own address. */
  readonly account: Address
  /** Who signs its statements: its own address, unless a remote signer does. */
  readonly signer: Address
  /** Of the wallet that it speaks for. */
  readonly delegation: SignedDelegation | undefined
  /**
   * Signs a 32-byte digest: 65 bytes r, s (low), v (27 or 28).
   *
   * @throws {@link SignerError} where a remote signer does it, and cannot
   */
  sign(digest: Uint8Array, options?: AbortOptions): Promise<Uint8Array>
  /** HMAC-SHA256 keyed by HKDF-SHA256 of the node key under `label`. */
  deriveNonce(label: string, message: Uint8Array): Uint8Array
  /** The Ed25519 key whose seed is HKDF-SHA256 of the node key under `label`: the same each time. */
  deriveSigner(label: string): DerivedSigner
}

/** A connected peer. Its address is proven by the handshake. */
export interface ConnectedPeer {
  /** Undefined when the peer's key is not secp256k1: such a peer has no EVM account. */
  address: Address | undefined
  peerId: string
}

/** A router of this node, and the way to it. */
export interface RouterPeer {
  /** As it was given to `createDataNode`. */
  name: string
  /** It, while it is connected. */
  find(): ConnectedPeer | undefined
  /**
   * Waits until it is connected: by the attempt that is under way, or by one made now.
   *
   * @throws {@link PeerUnreachableError} when the attempt fails
   */
  connect(options?: AbortOptions): Promise<ConnectedPeer>
}

/** How a handler says what a peer does, so that nobody asks more than it may. */
export interface PeerMeter {
  /**
   * Counts a request. True when it is to be answered; false when the peer is to be told that it asks too often.
   *
   * @throws {@link RefusedError} when it was told and goes on: its stream is to be ended
   */
  admits(): boolean
  /** Counts a breach of the protocol. */
  fault(): void
}

/** Handles one inbound stream until it ends. What it throws is logged and resets the stream. */
export type StreamHandler = (stream: Stream, peer: ConnectedPeer, meter: PeerMeter) => Promise<void>

/** How to read by bitswap. */
export interface BitswapOptions {
  /** Called whenever a part of a block has come from a peer that is asked. */
  onProgress?: (() => void) | undefined
}

/** The peer: libp2p and Helia behind the few calls that the layers above need. */
export interface Network {
  readonly multiaddrs: readonly string[]
  readonly connections: number
  routers(): RouterHealth[]
  /** Resolves when every router is connected. */
  ready(options?: AbortOptions): Promise<void>
  /** Routers of this node, those that are connected first. */
  routerPeers(): RouterPeer[]
  /** Called with each router that is connected, now and whenever one connects. It must not throw. */
  onRouter(listener: (peer: ConnectedPeer) => void): void
  /** Finds a connected peer by its address, that of the wallet it speaks for, its peer id, or a multiaddr that ends with it. */
  find(peer: string): ConnectedPeer | undefined
  /**
   * Finds a connected peer by address or peer id, or dials a multiaddr.
   *
   * @throws {@link PeerUnreachableError}
   * @throws {@link PeerDeniedError} when the rules of this node do not allow it
   */
  connect(peer: string, options?: AbortOptions): Promise<ConnectedPeer>
  /**
   * Puts other rules of who may connect in place of those there are, and closes the connections that they do not allow.
   *
   * @throws {@link InvalidArgumentError} when they are malformed, and nothing changes
   */
  setPeers(rules: PeerRules): void
  /**
   * @throws {@link PeerUnreachableError} when the peer is not connected
   * @throws {@link RefusedError} when it does not speak the protocol
   */
  openStream(peer: ConnectedPeer, protocol: string, options?: AbortOptions): Promise<Stream>
  handle(protocol: string, handler: StreamHandler): Promise<void>
  /** Reads blocks by bitswap from these peers and no others. */
  bitswap(root: CID, peers: readonly ConnectedPeer[], options?: BitswapOptions): Pick<BlockReader, 'get'>
  /** Called with a peer id when its last connection closed. */
  onDisconnect(listener: (peerId: string) => void): void
  stop(): Promise<void>
}
