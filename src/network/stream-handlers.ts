import { StreamResetError } from '@libp2p/interface'
import { CorruptTransferError, InvalidMessageError, LimitExceededError, RefusedError } from '../errors.ts'
import { stopTimeoutMs } from '../limits.ts'
import { peerOf } from './connected-peers.ts'
import { within } from './within.ts'
import type { Connection, Stream } from '@libp2p/interface'
import type { Logger } from '../interface/data-node.ts'
import type { StreamHandler } from '../interface/network.ts'
import type { ConnectedPeers } from './connected-peers.ts'
import type { PeerConduct } from './peer-conduct.ts'

/** What handling streams needs. */
export interface StreamHandlersInit {
  peers: ConnectedPeers
  conduct: Pick<PeerConduct, 'meter'>
  /** Told of each stream that is handled. */
  onStream?: ((stream: Stream, connection: Connection) => void) | undefined
  log: Logger
}

/** Runs handlers of inbound streams, so that none of them can hurt the process or outlive the node, and no peer has too many. */
export class StreamHandlers {
  readonly #init: StreamHandlersInit
  readonly #running = new Set<Promise<void>>()

  constructor (init: StreamHandlersInit) {
    this.#init = init
  }

  /**
   * A handler in libp2p's form, that never fails: what the handler throws is logged and resets the stream. A peer may have
   * `streamsMax` of them open; libp2p would count those of each connection by themselves.
   */
  wrap (protocol: string, handler: StreamHandler, streamsMax: number): (stream: Stream, connection: Connection) => Promise<void> {
    const open = new Map<string, number>()
    return async (stream, connection) => {
      const peerId = connection.remotePeer.toString()
      const others = open.get(peerId) ?? 0
      open.set(peerId, others + 1)
      this.#init.onStream?.(stream, connection)
      const run = this.#run(protocol, others < streamsMax ? handler : refuse, stream, connection)
      this.#running.add(run)
      await run
      this.#running.delete(run)
      const left = (open.get(peerId) ?? 1) - 1
      if (left === 0) open.delete(peerId)
      else open.set(peerId, left)
    }
  }

  /** Resolves when every handler has ended, or after a while. Their streams have to be closed before. */
  async settled (): Promise<void> {
    await within(stopTimeoutMs / 4, Promise.all(this.#running))
  }

  async #run (protocol: string, handler: StreamHandler, stream: Stream, { remotePeer }: Connection): Promise<void> {
    const { peers, conduct, log } = this.#init
    const meter = conduct.meter(remotePeer.toString())
    try {
      await handler(stream, peers.find(remotePeer.toString()) ?? peerOf(remotePeer), meter)
    } catch (error) {
      if (isFault(error)) meter.fault()
      log(`${protocol} stream of ${remotePeer.toString()} failed: ${String(error)}`)
      stream.abort(error instanceof Error ? error : new StreamResetError(String(error)))
    }
  }
}

/** The reset tells the peer; that it asked counts as well. */
const refuse: StreamHandler = (_, __, meter) => {
  meter.admits()
  return Promise.reject(new RefusedError('It has as many streams open as one peer may'))
}

function isFault (error: unknown): boolean {
  return error instanceof InvalidMessageError || error instanceof LimitExceededError || error instanceof CorruptTransferError
}
