import { StreamResetError } from '@libp2p/interface'
import { stopTimeoutMs } from '../limits.ts'
import { peerOf } from './connected-peers.ts'
import { within } from './within.ts'
import type { Connection, Stream } from '@libp2p/interface'
import type { Logger } from '../interface/data-node.ts'
import type { StreamHandler } from '../interface/network.ts'
import type { ConnectedPeers } from './connected-peers.ts'

/** What handling streams needs. */
export interface StreamHandlersInit {
  peers: ConnectedPeers
  log: Logger
}

/** Runs handlers of inbound streams, so that none of them can hurt the process or outlive the node. */
export class StreamHandlers {
  readonly #peers: ConnectedPeers
  readonly #log: Logger
  readonly #running = new Set<Promise<void>>()

  constructor ({ peers, log }: StreamHandlersInit) {
    this.#peers = peers
    this.#log = log
  }

  /** A handler in libp2p's form, that never fails: what the handler throws is logged and resets the stream. */
  wrap (protocol: string, handler: StreamHandler): (stream: Stream, connection: Connection) => Promise<void> {
    return async (stream, connection) => {
      const run = this.#run(protocol, handler, stream, connection)
      this.#running.add(run)
      await run
      this.#running.delete(run)
    }
  }

  /** Resolves when every handler has ended, or after a while. Their streams have to be closed before. */
  async settled (): Promise<void> {
    await within(stopTimeoutMs / 4, Promise.all(this.#running))
  }

  async #run (protocol: string, handler: StreamHandler, stream: Stream, { remotePeer }: Connection): Promise<void> {
    try {
      await handler(stream, this.#peers.find(remotePeer.toString()) ?? peerOf(remotePeer))
    } catch (error) {
      this.#log(`${protocol} stream of ${remotePeer.toString()} failed: ${String(error)}`)
      stream.abort(error instanceof Error ? error : new StreamResetError(String(error)))
    }
  }
}
