import { setImmediate } from 'node:timers/promises'
import { DataNodeError, InvalidArgumentError, InvalidMessageError, LimitExceededError, TimedOutError } from '../errors.ts'
import { rawCodec } from '../format/dag-links.ts'
import { DagWalk } from '../format/dag-walk.ts'
import { RequestReader } from '../format/message-reader.ts'
import { dagProtocol } from '../format/messages.ts'
import { busyRetryMs, firstSendBytes, idleStreamTimeoutMs, requestTimeoutMs, splitBytesMin } from '../limits.ts'
import { AnswerWriter } from './answer-writer.ts'
import { readAhead } from './read-ahead.ts'
import { ServePlaces } from './serve-places.ts'
import { StreamReader } from './stream-reader.ts'
import type { Stream } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { DagHeader, DagRequest } from '../format/messages.ts'
import type { Logger } from '../interface/data-node.ts'
import type { ConnectedPeer, Network, PeerMeter } from '../interface/network.ts'
import type { BlockReader } from '../interface/store.ts'
import type { LookUpRoot, MayRead, ServedRoot, ShowDelegation } from '../interface/transfer.ts'
import type { RateLimit } from './rate-limit.ts'
import type { WalkedBlock } from './read-ahead.ts'
import type { WaitForPeer } from './serve-places.ts'

/** What serving needs. */
export interface ServeComponents {
  network: Pick<Network, 'handle'>
  blocks: Pick<BlockReader, 'get'>
  /** Only a root that it knows may be asked for. */
  lookUp: LookUpRoot
  mayRead: MayRead
  /** Notes a delegation that a peer shows; false when that is a breach of the protocol. By default they are passed over. */
  show?: ShowDelegation
  log: Logger
  /** How much all answers may send together; as much as they can when absent. */
  upload?: Pick<RateLimit, 'take'> | undefined
  /** By default as many as `limits.ts` says. */
  places?: ServePlaces
  /** Called when a peer was given what it asked for: it is likely to have something for us soon. */
  onAnswered?: (peer: ConnectedPeer) => void
}

/** Answers requests for DAGs from now on. Who may read is decided from memory, before anything is read from disk. */
export async function serveDag (components: ServeComponents): Promise<void> {
  const server = new DagServer(components)
  await components.network.handle(dagProtocol, async (stream, peer, meter) => { await server.serve(stream, peer, meter) })
}

/** What is sent, and for how long. */
interface Answer {
  request: DagRequest
  served: ServedRoot
  walk: DagWalk
  signal: AbortSignal
}

class DagServer {
  readonly #components: ServeComponents
  readonly #places: ServePlaces

  constructor (components: ServeComponents) {
    this.#components = components
    this.#places = components.places ?? new ServePlaces()
  }

  /** Answers the requests of one stream, one after the other, until it ends. */
  async serve (stream: Stream, peer: ConnectedPeer, meter: PeerMeter): Promise<void> {
    const closed = new AbortController()
    stream.addEventListener('close', () => { closed.abort(new TimedOutError('The stream was closed')) })
    try {
      await this.#serveRequests(stream, peer, meter, closed.signal)
      await stream.close({ signal: AbortSignal.timeout(requestTimeoutMs) })
      // The client ends its side as well, and gets everything that was sent before.
      if (stream.status === 'open') await aborted(closed.signal, requestTimeoutMs)
      if (stream.status === 'open') stream.abort(timedOut())
    } catch (error) {
      // A client cancels by resetting the stream, and that is no failure of this side.
      if (stream.status === 'open') throw error
    }
  }

  async #serveRequests (stream: Stream, peer: ConnectedPeer, meter: PeerMeter, signal: AbortSignal): Promise<void> {
    const pieces = new StreamReader(stream)
    const requests = new RequestReader()
    for (;;) {
      const piece = await pieces.next(requests.atStart ? idleStreamTimeoutMs : requestTimeoutMs, timedOut)
      if (piece === undefined) return
      try {
        for (const request of requests.push(piece)) {
          if (meter.admits()) await this.#answer(stream, peer, this.#noted(request, peer, meter), signal)
          else await refuse(stream, { status: 'busy', retryAfterMs: busyRetryMs })
          // A refusal waits for nothing: many of them in a row would keep everybody else from their turn.
          await setImmediate()
        }
      } catch (error) {
        if (!isBadRequest(error)) throw error
        meter.fault()
        this.#components.log(`dag: bad request of ${peer.peerId}: ${error.message}`)
        await refuse(stream, { status: 'bad-request' })
        return
      }
    }
  }

  /** What counts of a delegation is decided before anybody's readers are looked at. */
  #noted (request: DagRequest, peer: ConnectedPeer, meter: PeerMeter): DagRequest {
    const { show = () => true } = this.#components
    if (request.delegation !== undefined && !show(peer, request.delegation)) meter.fault()
    return request
  }

  async #answer (stream: Stream, peer: ConnectedPeer, request: DagRequest, signal: AbortSignal): Promise<void> {
    const walk = new DagWalk(request.root, request)
    const served = await this.#admit(request.root, peer, signal)
    if (typeof served === 'string') {
      await refuse(stream, { status: served })
    } else if (!this.#places.hasRoom()) {
      await refuse(stream, { status: 'busy', retryAfterMs: busyRetryMs })
    } else {
      const answer = { request, served, walk, signal }
      const kept = served.keep?.()
      try {
        await this.#places.run({ peerId: peer.peerId, stream, signal }, async (waitForPeer) => {
          await this.#sendBlocks(stream, peer, answer, waitForPeer)
        })
      } finally {
        kept?.[Symbol.dispose]()
      }
      this.#components.onAnswered?.(peer)
    }
  }

  /** What a peer may have of a root, or what it is told. Nobody reads during an embargo, and only who is named hears of it. */
  async #admit (root: CID, peer: ConnectedPeer, signal: AbortSignal): Promise<ServedRoot | 'embargoed' | 'not-available'> {
    const { lookUp, mayRead } = this.#components
    const asked = lookUp(root)
    if (asked === undefined || !await mayRead(root, asked.readers, peer, { signal })) return 'not-available'
    // While a function was asked, others may have taken its place.
    const served = typeof asked.readers === 'function' ? lookUp(root) : asked
    if (served?.readers !== asked.readers) return 'not-available'
    if (!served.embargoed) return served
    return served.readers === 'anyone' ? 'not-available' : 'embargoed'
  }

  async #sendBlocks (
    stream: Stream, { peerId }: ConnectedPeer, { request, served, walk, signal }: Answer, waitForPeer: WaitForPeer
  ): Promise<void> {
    const { bytes: size, access, statements, delegations = [] } = served
    const answer = new AnswerWriter(stream, { stallTimeoutMs: this.#places.stallMs })
    answer.header({ status: 'ok', size, access, statements, delegations })
    const reader = served.blocks ?? this.#components.blocks
    let enoughBytes = request.enoughBytes ?? Infinity
    // Of what several may bring, the blocks that say what else there is to ask for do not wait for the first large one.
    let isHeldUp = request.from.length === 0 && size > splitBytesMin
    const blocks = readAhead(walk, async ({ cid }, own) => reader.get(cid, own), signal, {
      bytesMax: () => Math.min(this.#places.readAheadBytes(peerId), request.enoughBytes ?? Infinity), isHurried: () => isHeldUp
    })
    let first: ReturnType<typeof nextBlocks> | undefined = nextBlocks(blocks)
    first.catch(() => { /* It is told of once the client has been. */ })
    // While blocks are found and read, the client checks what it is told of the root.
    await waitForPeer(answer.flush())
    answer.carHeader(request.root)
    for (let isFirst = true; enoughBytes >= 0;) {
      const batch = await (first ?? nextBlocks(blocks))
      first = undefined
      if (batch instanceof DataNodeError) {
        signal.throwIfAborted()
        this.#components.log(`dag: ${request.root.toString()} cannot be served whole: ${batch.message}`)
        await answer.end('not-available')
        return
      }
      if (batch === undefined) break
      for (const { cid, bytes } of batch) {
        enoughBytes -= bytes.length
        if (enoughBytes < 0 && !isFirst) break
        isFirst = false
        if (this.#components.upload !== undefined) await this.#components.upload.take(peerId, bytes.length, signal)
        if (isHeldUp && bytes.length > firstSendBytes) {
          isHeldUp = false
          await waitForPeer(answer.flush())
        }
        const sending = answer.block(cid, bytes)
        if (sending !== undefined) await waitForPeer(sending)
      }
      if (isHeldUp && batch.at(-1)?.cid.code !== rawCodec) await waitForPeer(answer.flush())
    }
    await waitForPeer(answer.end('ok'))
  }
}

/** What a damaged or missing block makes is an answer; the other errors are not. */
async function nextBlocks (
  blocks: AsyncGenerator<readonly WalkedBlock[], undefined>
): Promise<readonly WalkedBlock[] | DataNodeError | undefined> {
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
