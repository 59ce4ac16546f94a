/**
 * The routers of a node as witnesses of its trail: asked before the first append what they have seen of it, and told of each
 * newer checkpoint a moment after it was made, and whenever one of them connects.
 */
import { PeerUnreachableError, RefusedError } from '../errors.ts'
import { decodeSeenCheckpoint, encodeSeenCheckpoint } from '../format/seen-checkpoint.ts'
import { KeyedSlots } from '../format/slots.ts'
import { witnessDelayMs, witnessRetryMs, witnessTimeoutMs } from '../limits.ts'
import { within } from '../network/within.ts'
import { askWitness } from '../transfer/witness.ts'
import type { SeenCheckpoint } from '../format/seen-checkpoint.ts'
import type { ConnectedPeer, Network, RouterPeer } from '../interface/network.ts'
import type { AbortOptions, Address } from '../interface/primitives.ts'
import type { WitnessAnswer, WitnessRequest } from '../interface/witness.ts'
import type { ClockSkew } from './clock-skew.ts'
import type { Trail } from './trail.ts'
import type { CheckpointSource, TrailGuard } from './trail-guard.ts'

/** What it is made of. */
export interface WitnessesInit {
  guard: Pick<TrailGuard, 'hear' | 'refusal'>
  skew: Pick<ClockSkew, 'note'>
  /** Milliseconds since 1970. */
  clock: () => number
  log: (line: string) => void
}

type WitnessNetwork = Pick<Network, 'openStream' | 'routerPeers' | 'onRouter'>

/** Turns in which one witness is told something: it may have had something else than was thought, once. */
const turnsMax = 3

/** The witnesses of a node's trail. */
export class Witnesses {
  readonly #init: WitnessesInit
  readonly #slots = new KeyedSlots()
  readonly #stopped = new AbortController()
  /** Entries of the checkpoint that each router is known to have, by peer ids. */
  readonly #sizes = new Map<string, { address: Address | undefined, size: number }>()
  #network: WitnessNetwork | undefined
  #trail: Trail | undefined
  #timer: NodeJS.Timeout | undefined
  #isUnwitnessed = false

  constructor (init: WitnessesInit) {
    this.#init = init
  }

  /** Tells routers from now on. */
  start (network: WitnessNetwork): void {
    this.#network = network
    network.onRouter(() => { if (this.#trail !== undefined) this.#schedule(0) })
  }

  /** One for each router. */
  sources (): CheckpointSource[] {
    return (this.#network?.routerPeers() ?? []).map(router => ({
      name: `router ${router.name}`,
      newest: async (origin, { signal }) => await this.#newest(router, origin, signal)
    }))
  }

  /** True when this node has routers, and none of them answered when it was asked or told last. */
  get isUnwitnessed (): boolean {
    return this.#isUnwitnessed
  }

  /** Addresses of those that are known to have a checkpoint of so many entries. */
  of (size: number): readonly Address[] {
    return [...this.#sizes.values()].flatMap(known => known.size >= size && known.address !== undefined ? [known.address] : [])
  }

  /** The trail has a newer checkpoint: it is sent in a moment. */
  note (trail: Trail): void {
    this.#trail = trail
    this.#schedule(witnessDelayMs)
  }

  /**
   * Tells all routers that are connected now, and waits for them for a few seconds. Rejects with the signal's reason only.
   */
  async tell (trail: Trail, { signal }: AbortOptions = {}): Promise<void> {
    this.#trail = trail
    const late = AbortSignal.timeout(witnessTimeoutMs)
    const own = AbortSignal.any([this.#stopped.signal, late, ...signal === undefined ? [] : [signal]])
    const connected = (this.#network?.routerPeers() ?? []).flatMap(router => router.find() ?? [])
    const told = await Promise.allSettled(connected.map(async peer => await this.#slots.run(peer.peerId, async () => {
      await this.#tellOne(trail, peer, own)
    }, { signal: own })))
    signal?.throwIfAborted()
    if (this.#network !== undefined && this.#network.routerPeers().length > 0) this.#isUnwitnessed = told.every(({ status }) => status === 'rejected')
    const failed = told.flatMap(result => result.status === 'rejected' ? [String(result.reason)] : [])
    if (failed.length === 0 || this.#stopped.signal.aborted) return
    this.#init.log(`the checkpoint of ${trail.size} entries is not with all routers: ${failed.join('; ')}`)
    if (this.#init.guard.refusal === undefined) this.#schedule(witnessRetryMs)
  }

  /** Tells them what they were not told yet, as far as that goes in a moment, and ends. Never rejects. */
  async stop (): Promise<void> {
    const isBehind = this.#timer !== undefined
    clearTimeout(this.#timer)
    if (isBehind && this.#trail !== undefined) await within(witnessDelayMs, this.tell(this.#trail))
    clearTimeout(this.#timer)
    this.#stopped.abort()
  }

  async #newest (router: RouterPeer, origin: string, signal: AbortSignal): Promise<SeenCheckpoint | undefined> {
    this.#isUnwitnessed = true
    const peer = router.find() ?? await router.connect({ signal })
    const { status, checkpoint } = await this.#ask(peer, { op: 'ask', origin }, signal)
    if (status === 'not-found') return undefined
    if (status !== 'ok' || checkpoint === undefined) throw new RefusedError(`It answered ${status}`, { peer: peer.peerId })
    return decodeSeenCheckpoint(checkpoint)
  }

  async #tellOne (trail: Trail, peer: ConnectedPeer, signal: AbortSignal): Promise<void> {
    const { address, peerId } = peer
    for (let turn = 0; turn < turnsMax; turn++) {
      const { auditKey, checkpoint: note, size } = trail
      const oldSize = this.#sizes.get(peerId)?.size ?? 0
      if (oldSize === size && this.#sizes.has(peerId)) return
      const proof = oldSize === 0 ? [] : await trail.proveConsistency(oldSize, size, { signal })
      const answer = await this.#ask(peer, { op: 'add', checkpoint: encodeSeenCheckpoint({ auditKey, note }), oldSize, proof }, signal)
      if (answer.status === 'ok') {
        this.#sizes.set(peerId, { address, size })
        return
      }
      if (answer.status !== 'conflict' && answer.status !== 'inconsistent') throw new RefusedError(`${address ?? peerId} answers ${answer.status}`)
      // It lost what it had, or has what another process of this node told it.
      const shown = answer.checkpoint === undefined ? undefined : decodeSeenCheckpoint(answer.checkpoint)
      const seen = shown && await this.#init.guard.hear(trail, shown, `router ${address ?? peerId}`, { signal })
      if (seen === undefined) this.#sizes.delete(peerId)
      else this.#sizes.set(peerId, { address, size: seen.checkpoint.size })
    }
    throw new RefusedError(`${address ?? peerId} has other checkpoints than it says`)
  }

  async #ask (peer: ConnectedPeer, request: WitnessRequest, signal: AbortSignal): Promise<WitnessAnswer> {
    if (this.#network === undefined) throw new PeerUnreachableError('This node has no network yet')
    const { clock, skew } = this.#init
    const sentAt = clock()
    const answer = await askWitness(this.#network, peer, request, { signal })
    skew.note(peer.peerId, { sentAt, receivedAt: clock(), time: answer.time })
    if (answer.status !== 'unknown') this.#isUnwitnessed = false
    return answer
  }

  #schedule (delayMs: number): void {
    if (this.#stopped.signal.aborted) return
    if (delayMs === 0) clearTimeout(this.#timer)
    else if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      if (this.#trail !== undefined) void this.tell(this.#trail)
    }, delayMs).unref()
  }
}
