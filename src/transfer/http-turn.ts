import {
  CorruptTransferError, DataNodeError, LimitExceededError, PeerUnreachableError, TimedOutError, UnavailableError
} from '../errors.ts'
import { CarDecoder } from '../format/car.ts'
import { blockBytesMax, httpBufferBytesMax } from '../limits.ts'
import { askForBlocks } from './bitswap-turn.ts'
import { withDeadline } from './deadline.ts'
import { decoded } from './decoded.ts'
import { blockRequest, carRequest, httpGet, isCarAddress } from './http-request.ts'
import type { CID } from 'multiformats/cid'
import type { CarBlock } from '../format/car-sections.ts'
import type { HttpFetch } from './http-request.ts'
import type { ProviderTurn } from './provider-turn.ts'

/**
 * Asks by HTTP for what is missing: a gateway or an address for the CAR of the whole, of which everything that is not missing
 * is passed over; a gateway, of which only a part is wanted, for block after block, a few at the same time. Nothing of an answer
 * is trusted, and no order of it: what comes before its turn is kept, as far as there is room.
 *
 * @throws {@link UnavailableError}, {@link RefusedError}, {@link PeerUnreachableError}, {@link TimedOutError} as it ends
 * @throws {@link CorruptTransferError} it sent something else; {@link LimitExceededError} it sent more than allowed
 */
export async function askByHttp (fetch: HttpFetch, name: string, turn: ProviderTurn): Promise<void> {
  if (turn.frontier.isWhole || isCarAddress(name)) {
    await new CarTurn(fetch, name, turn).run()
    return
  }
  await askForBlocks(onProgress => ({
    get: async (cid, options) => await getBlock(fetch, name, { cid, signal: options?.signal ?? turn.signal, onProgress })
  }), name, turn)
}

async function getBlock (
  fetch: HttpFetch, gateway: string, { cid, signal, onProgress }: { cid: CID, signal: AbortSignal, onProgress: () => void }
): Promise<Uint8Array> {
  const { body }: { body: AsyncIterable<Uint8Array> | null } = await httpGet(fetch, blockRequest(gateway, cid), signal)
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of body ?? []) {
    bytes += piece.length
    onProgress()
    if (bytes > blockBytesMax) {
      throw new CorruptTransferError(`${gateway} sent more than a block may have`, { peer: gateway, cid: cid.toString() })
    }
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

class CarTurn {
  readonly #fetch: HttpFetch
  readonly #name: string
  readonly #turn: ProviderTurn
  readonly #car = new CarDecoder()
  /** Blocks that came before their turn, the oldest first. */
  readonly #early = new Map<string, CarBlock>()
  #earlyBytes = 0
  #receivedBytes = 0

  constructor (fetch: HttpFetch, name: string, turn: ProviderTurn) {
    this.#fetch = fetch
    this.#name = name
    this.#turn = turn
  }

  async run (): Promise<void> {
    const { frontier, signal } = this.#turn
    const ended = new AbortController()
    const either = AbortSignal.any([signal, ended.signal])
    this.#turn.onAsk()
    try {
      const request = { ...carRequest(this.#name, frontier.root), timeoutMs: this.#turn.stallTimeoutMs }
      const { body } = await httpGet(this.#fetch, request, either)
      this.#turn.onHeader({ status: 'ok', access: 'anyone' })
      const reader = body?.getReader()
      while (!frontier.isComplete) {
        const piece = await this.#next(async () => await reader?.read())
        if (piece === undefined) break
        await this.#takePiece(piece)
      }
      this.#checkEnd()
    } finally {
      // What is left of the answer is not needed.
      ended.abort()
    }
  }

  async #next (read: () => Promise<{ value?: Uint8Array | undefined } | undefined>): Promise<Uint8Array | undefined> {
    const { stallTimeoutMs, signal } = this.#turn
    const timedOut = (): Error => new TimedOutError(`${this.#name} sent nothing for ${stallTimeoutMs} ms`, this.#details())
    try {
      return (await withDeadline(stallTimeoutMs, signal, timedOut, read))?.value
    } catch (cause) {
      signal.throwIfAborted()
      if (cause instanceof DataNodeError) throw cause
      throw new PeerUnreachableError(`${this.#name} broke off its answer`, this.#details(cause))
    }
  }

  async #takePiece (piece: Uint8Array): Promise<void> {
    const { frontier, bytesMax } = this.#turn
    this.#receivedBytes += piece.length
    this.#turn.onBytes(piece.length)
    // Half as much again, for what else is in the CAR and for what was there already.
    if (this.#receivedBytes > bytesMax * 1.5 + httpBufferBytesMax) {
      throw new LimitExceededError(`${this.#name} sent more than the ${bytesMax} bytes that may be fetched`,
        { limit: 'bytesMax', max: bytesMax, actual: this.#receivedBytes, announcedBy: this.#name })
    }
    const bytesBefore = frontier.bytes
    try {
      for (const block of decoded(this.#car.read(piece), cause => this.#corrupt(cause))) this.#takeBlock(block)
    } finally {
      if (frontier.bytes > bytesBefore) this.#turn.onBlocks()
    }
    this.#turn.signal.throwIfAborted()
    await frontier.room()
    await this.#turn.pace(piece.length)
  }

  #takeBlock (block: CarBlock): void {
    const { frontier } = this.#turn
    if (frontier.expected?.cid.equals(block.cid) !== true) {
      this.#keep(block)
      return
    }
    frontier.accept(block.cid, block.bytes, this.#name)
    for (let next = this.#takeEarly(); next !== undefined; next = this.#takeEarly()) {
      frontier.accept(next.cid, next.bytes, this.#name)
    }
  }

  #keep (block: CarBlock): void {
    const key = block.cid.toString()
    if (this.#early.has(key)) return
    // A copy, because what it stands in would be kept with it.
    this.#early.set(key, { ...block, bytes: new Uint8Array(block.bytes) })
    this.#earlyBytes += block.bytes.length
    for (const [oldest, { bytes }] of this.#early) {
      if (this.#earlyBytes <= httpBufferBytesMax) break
      this.#early.delete(oldest)
      this.#earlyBytes -= bytes.length
    }
  }

  #takeEarly (): CarBlock | undefined {
    const key = this.#turn.frontier.expected?.cid.toString()
    const block = key === undefined ? undefined : this.#early.get(key)
    if (key === undefined || block === undefined) return undefined
    this.#early.delete(key)
    this.#earlyBytes -= block.bytes.length
    return block
  }

  #checkEnd (): void {
    const { expected: missing, isComplete } = this.#turn.frontier
    if (isComplete || missing === undefined) return
    try {
      this.#car.end()
    } catch (cause) {
      throw this.#corrupt(cause)
    }
    throw new UnavailableError(`${this.#name} did not send block ${missing.cid.toString()}, or too long before its turn`,
      { ...this.#details(), status: 'not-available' })
  }

  #corrupt (cause: unknown): CorruptTransferError {
    return new CorruptTransferError(`${this.#name} sent what is no CAR: ${cause instanceof Error ? cause.message : String(cause)}`,
      this.#details(cause))
  }

  #details (cause?: unknown): { peer: string, root: string, cause?: unknown } {
    return { peer: this.#name, root: this.#turn.frontier.root.toString(), cause }
  }
}
