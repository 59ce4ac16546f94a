import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { memory } from '@libp2p/memory'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { Uint8ArrayList } from 'uint8arraylist'
import { onTestFinished } from 'vitest'
import { BitswapDecoder } from '../../src/format/bitswap-decoder.ts'
import { bitswapProtocol, encodeBitswapMessage } from '../../src/format/bitswap-message.ts'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { BitswapPart } from '../../src/format/bitswap-decoder.ts'
import type { BitswapMessage, BitswapWant } from '../../src/format/bitswap-message.ts'

/** Asks for a block, and to be told when it is not there. */
export function wantOf (cid: CID, kind: BitswapWant['kind'] = 'block', sendDontHave: boolean = kind !== 'cancel'): BitswapWant {
  return { cid, kind, sendDontHave }
}

/** A peer that speaks bitswap as the test says, message by message, and notes what it is sent. */
export class BitswapPeer {
  readonly libp2p: Libp2p
  /** Parts of messages in the order in which they came, but for the progress of blocks. */
  readonly parts: BitswapPart[] = []
  readonly streams: Stream[] = []
  /** Whether it reads what it is sent. */
  reads = true
  readonly #waiting = new Set<() => void>()

  private constructor (libp2p: Libp2p) {
    this.libp2p = libp2p
  }

  /** Starts one that listens in memory; it is stopped after the test. */
  static async start (name: string): Promise<BitswapPeer> {
    const libp2p = await createLibp2p({
      addresses: { listen: [`/memory/bitswap-${process.pid}-${name}`] },
      transports: [memory()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify() }
    })
    const peer = new BitswapPeer(libp2p)
    await libp2p.handle(bitswapProtocol, (stream) => { peer.#follow(stream) }, { maxInboundStreams: 256 })
    onTestFinished(async () => { await libp2p.stop() })
    return peer
  }

  get address (): string {
    return String(this.libp2p.getMultiaddrs()[0])
  }

  get peerId (): string {
    return this.libp2p.peerId.toString()
  }

  async connect (address: string): Promise<Connection> {
    return await this.libp2p.dial(multiaddr(address))
  }

  /** Opens a stream to the only peer that it is connected to. */
  async openStream (): Promise<Stream> {
    const [connection] = this.libp2p.getConnections()
    if (connection === undefined) throw new Error('it is not connected')
    return await connection.newStream(bitswapProtocol, { maxOutboundStreams: 256 })
  }

  /** Sends one message on a stream of its own. */
  async send (message: BitswapMessage): Promise<void> {
    const stream = await this.openStream()
    stream.send(new Uint8ArrayList(...encodeBitswapMessage(message)))
    await stream.close()
  }

  /** Wants that it was sent. */
  get wants (): BitswapWant[] {
    return this.parts.flatMap(part => part.type === 'want' ? [part.want] : [])
  }

  /** Blocks that it was sent, as their bytes. */
  get blocks (): Uint8Array[] {
    return this.parts.flatMap(part => part.type === 'block' ? [part.bytes] : [])
  }

  /** Presences that it was sent, as text. */
  get presences (): string[] {
    return this.parts.flatMap(part => part.type === 'presence' ? [`${part.presence.has ? 'has' : 'lacks'} ${part.presence.cid.toString()}`] : [])
  }

  /** Resolves when `condition` holds, looked at whenever something has come. */
  async until (condition: () => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const signal = AbortSignal.timeout(15_000)
      const check = (): void => {
        if (!condition()) return
        this.#waiting.delete(check)
        resolve()
      }
      signal.addEventListener('abort', () => { reject(new Error(`it did not come: ${condition.toString()}`)) })
      this.#waiting.add(check)
      check()
    })
  }

  #follow (stream: Stream): void {
    this.streams.push(stream)
    if (this.reads) {
      const decoder = new BitswapDecoder(() => true)
      stream.addEventListener('message', ({ data }) => {
        for (const piece of data instanceof Uint8Array ? [data] : data) {
          this.parts.push(...[...decoder.read(piece)].filter(({ type }) => type !== 'data'))
        }
        this.#check()
      })
    } else {
      stream.pause()
      stream.addEventListener('message', () => {})
    }
    stream.addEventListener('close', () => { this.#check() })
    this.#check()
  }

  #check (): void {
    for (const check of [...this.#waiting]) check()
  }
}
