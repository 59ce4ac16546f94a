import { DataNodeError, InvalidArgumentError, InvalidMessageError, LimitExceededError, TimedOutError } from '../errors.ts'
import { DagWalk } from '../format/dag-walk.ts'
import { RequestReader } from '../format/message-reader.ts'
import { dagProtocol } from '../format/messages.ts'
import { answersMax, busyRetryMs, idleStreamTimeoutMs, requestTimeoutMs } from '../limits.ts'
import { AnswerWriter } from './answer-writer.ts'
import { readAhead } from './read-ahead.ts'
import { isNamedReader } from './readers.ts'
import { StreamReader } from './stream-reader.ts'
import type { Stream } from '@libp2p/interface'
import type { DagHeader, DagRequest } from '../format/messages.ts'
import type { Logger } from '../interface/data-node.ts'
import type { ConnectedPeer, Network } from '../interface/network.ts'
import type { BlockReader } from '../interface/store.ts'
import type { LookUpRoot, MayRead, ServedRoot } from '../interface/transfer.ts'
import type { WalkedBlock } from './read-ahead.ts'

/** What serving needs. */
export interface ServeComponents {
  network: Pick<Network, 'handle'>
  blocks: Pick<BlockReader, 'get'>
  /** Only a root that it knows may be asked for. */
  lookUp: LookUpRoot
  mayRead: MayRead
  log: Logger
}

/** Answers requests for DAGs from now on. Who may read is decided from memory, before anything is read from disk. */
export async function serveDag (components: ServeComponents): Promise<void> {
  const server = new DagServer(components)
  await components.network.handle(dagProtocol, async (stream, peer) => { await server.serve(stream, peer) })
}

class DagServer {
  readonly #components: ServeComponents
  #answering = 0

  constructor (components: ServeComponents) {
    this.#components = components
  }

  /** Answers the requests of one stream, one after the other, until it ends. */
  async serve (stream: Stream, peer: ConnectedPeer): Promise<void> {
    const closed = new AbortController()
    stream.addEventListener('close', () => { closed.abort(new TimedOutError('The stream was closed')) })
    try {
      await this.#serveRequests(stream, peer, closed.signal)
      await stream.close({ signal: AbortSignal.timeout(requestTimeoutMs) })
      // The client ends its side as well, and gets everything that was sent before.
      if (stream.status === 'open') await aborted(closed.signal, requestTimeoutMs)
      if (stream.status === 'open') stream.abort(timedOut())
    } catch (error) {
      // A client cancels by resetting the stream, and that is no failure of this side.
      if (stream.status === 'open') throw error
    }
  }

  async #serveRequests (stream: Stream, peer: ConnectedPeer, signal: AbortSignal): Promise<void> {
    const pieces = new StreamReader(stream)
    const requests = new RequestReader()
    for (;;) {
      const piece = await pieces.next(requests.atStart ? idleStreamTimeoutMs : requestTimeoutMs, timedOut)
      if (piece === undefined) return
      try {
        for (const request of requests.push(piece)) await this.#answer(stream, peer, request, signal)
      } catch (error) {
        if (!isBadRequest(error)) throw error
        this.#components.log(`dag: bad request of ${peer.peerId}: ${error.message}`)
        await refuse(stream, { status: 'bad-request' })
        return
      }
    }
  }

  async #answer (stream: Stream, peer: ConnectedPeer, request: DagRequest, signal: AbortSignal): Promise<void> {
    const walk = new DagWalk(request.root, request)
    const served = this.#components.lookUp(request.root)
    if (served === undefined || !this.#components.mayRead(served, peer.address)) {
      const isToldOfEmbargo = served?.embargoed === true && isNamedReader(served, peer.address)
      await refuse(stream, { status: isToldOfEmbargo ? 'embargoed' : 'not-available' })
    } else if (this.#answering >= answersMax) {
      await refuse(stream, { status: 'busy', retryAfterMs: busyRetryMs })
    } else {
      this.#answering++
      const kept = served.keep?.()
      try {
        await this.#sendBlocks(stream, request, served, walk, signal)
      } finally {
        kept?.[Symbol.dispose]()
        this.#answering--
      }
    }
  }

  async #sendBlocks (stream: Stream, request: DagRequest, served: ServedRoot, walk: DagWalk, signal: AbortSignal): Promise<void> {
    const { bytes: size, access, statements } = served
    const answer = new AnswerWriter(stream)
    answer.header({ status: 'ok', size, access, statements })
    // Finding where the interval starts may take many reads, and the client waits for a sign of life.
    if (request.from.length > 0) await answer.flush()
    answer.carHeader(request.root)
    const blocks = readAhead(walk, async ({ cid }, own) => (served.blocks ?? this.#components.blocks).get(cid, own), signal)
    for (;;) {
      const block = await nextBlock(blocks)
      if (block instanceof DataNodeError) {
        signal.throwIfAborted()
        this.#components.log(`dag: ${request.root.toString()} cannot be served whole: ${block.message}`)
        await answer.end('not-available')
        return
      }
      if (block === undefined) break
      await answer.block(block.cid, block.bytes)
    }
    await answer.end('ok')
  }
}

/** What a damaged or missing block makes is an answer; the other errors are not. */
async function nextBlock (blocks: AsyncGenerator<WalkedBlock, undefined>): Promise<WalkedBlock | DataNodeError | undefined> {
  try {
    return (await blocks.next()).value
  } catch (error) {
    if (error instanceof DataNodeError) return error
    throw error
  }
}

async function refuse (stream: Stream, header: DagHeader): Promise<void> {
  const answer = new AnswerWriter(stream)
  answer.header(header)
  await answer.flush()
}

function aborted (signal: AbortSignal, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    }, { once: true })
  })
}

/** Reading blocks never ends up here: what they throw is answered where they are sent. */
function isBadRequest (error: unknown): error is DataNodeError {
  return error instanceof InvalidMessageError || error instanceof LimitExceededError || error instanceof InvalidArgumentError
}

function timedOut (): TimedOutError {
  return new TimedOutError('No request came in time')
}
