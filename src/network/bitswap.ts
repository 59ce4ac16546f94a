import { LimitExceededError, PeerUnreachableError } from '../errors.ts'
import { Slots } from '../format/slots.ts'
import { bitswapAnswersMax, requestTimeoutMs } from '../limits.ts'
import { PeerAnswers } from './bitswap-answers.ts'
import { PeerAsks } from './bitswap-asks.ts'
import { readBitswap } from './bitswap-inbound.ts'
import { bitswapReader } from './bitswap-reader.ts'
import { ServedBlocks } from './served-blocks.ts'
import type { Stream } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { BitswapPart } from '../format/bitswap-decoder.ts'
import type { Logger } from '../interface/data-node.ts'
import type { BitswapOptions, ConnectedPeer, StreamHandler } from '../interface/network.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader } from '../interface/store.ts'
import type { Pace } from './bitswap-answers.ts'
import type { AskOptions } from './bitswap-asks.ts'

/** What bitswap needs. */
export interface BitswapInit {
  /** What may be served, to anyone. */
  publicBlocks: Pick<BlockReader, 'get' | 'has'>
  isConnected: (peerId: string) => boolean
  /** Opens a stream for bitswap to a connected peer. */
  open: (peerId: string, options: AbortOptions) => Promise<Stream>
  pace?: Pace | undefined
  /** Milliseconds for a peer to read on before what answers it is given up. */
  stallMs?: number | undefined
  /** Aborted when the node stops. */
  stopped: AbortSignal
  log: Logger
}

/** What is known of one peer, until it disconnects. */
interface BitswapPeer {
  gone: AbortController
  answers: PeerAnswers
  asks: PeerAsks
}

/** Bitswap in both directions: answers anyone who asks for public blocks, and asks those who are named. */
export class Bitswap {
  readonly #init: BitswapInit
  readonly #blocks: ServedBlocks
  readonly #places = new Slots(bitswapAnswersMax)
  readonly #tally = { kept: 0 }
  readonly #peers = new Map<string, BitswapPeer>()

  constructor (init: BitswapInit) {
    this.#init = init
    this.#blocks = new ServedBlocks(init.publicBlocks)
    init.stopped.addEventListener('abort', () => {
      for (const peerId of [...this.#peers.keys()]) this.forget(peerId, init.stopped.reason)
    })
  }

  /** Takes what a peer sends on a stream of its own. */
  readonly handle: StreamHandler = async (stream, { peerId }, meter) => {
    this.#init.stopped.throwIfAborted()
    const peer = this.#peer(peerId)
    let keptBytes = 0
    /** Whether the want list that is coming is answered; undefined between two of them. */
    let isAdmitted: boolean | undefined
    const keeps = (bytes: number): boolean => {
      const isKept = peer.asks.begin(bytes)
      if (isKept) keptBytes += bytes
      return isKept
    }
    const take = (part: BitswapPart): void => {
      if (part.type === 'block') {
        peer.asks.end(keptBytes)
        keptBytes = 0
      }
      if (part.type === 'want' || part.type === 'wants') isAdmitted ??= meter.admits()
      this.#take(peer, part, isAdmitted === true)
      if (part.type === 'wants') isAdmitted = undefined
    }
    // What is answered goes on a stream of ours.
    stream.close({ signal: AbortSignal.timeout(requestTimeoutMs) }).catch(() => {})
    try {
      await readBitswap(stream, { keeps, take })
    } catch (error) {
      if (error instanceof LimitExceededError) peer.asks.refuse(error)
      // Either side may end a stream at any time.
      if (stream.status === 'open') throw error
    } finally {
      peer.asks.end(keptBytes)
    }
  }

  /** Reads blocks from these peers and no others. */
  reader (root: CID, peers: readonly ConnectedPeer[], options: BitswapOptions = {}): Pick<BlockReader, 'get'> {
    const ask = async (peerId: string, cid: CID, asking: AskOptions): Promise<Uint8Array> => {
      if (!this.#init.isConnected(peerId)) throw new PeerUnreachableError(`${peerId} is not connected`, { peer: peerId })
      return await this.#peer(peerId).asks.ask(cid, asking)
    }
    return bitswapReader(root, peers, { ask, stopped: this.#init.stopped }, options)
  }

  /** Forgets a peer that has disconnected. */
  forget (peerId: string, reason: unknown = new PeerUnreachableError(`${peerId} has disconnected`, { peer: peerId })): void {
    const peer = this.#peers.get(peerId)
    this.#peers.delete(peerId)
    peer?.gone.abort(reason)
  }

  #take ({ answers, asks }: BitswapPeer, part: BitswapPart, isAdmitted: boolean): void {
    if (part.type === 'want') answers.add(part.want, { isAdmitted })
    else if (part.type === 'wants') answers.wants.endList(part.isFull)
    else if (part.type === 'presence') asks.takePresence(part.presence)
    else if (part.type === 'block') asks.takeBlock(part.prefix, part.bytes)
    else if (part.isKept) asks.progress(part.length)
    else asks.unasked(part.length)
  }

  #peer (peerId: string): BitswapPeer {
    const known = this.#peers.get(peerId)
    if (known !== undefined) return known
    const gone = new AbortController()
    const { pace, stallMs, log } = this.#init
    const open = async (options: AbortOptions): Promise<Stream> => await this.#init.open(peerId, options)
    const signal = gone.signal
    const peer = {
      gone,
      answers: new PeerAnswers({
        peerId, blocks: this.#blocks, places: this.#places, tally: this.#tally, pace, stallMs, open, signal, log
      }),
      asks: new PeerAsks({ peerId, open, signal })
    }
    this.#peers.set(peerId, peer)
    return peer
  }
}
