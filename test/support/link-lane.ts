import type { Socket } from 'node:net'

/** One direction of a link. */
export interface LinkLaneInit {
  delayMs: number
  /** `Infinity`: no bound. */
  bytesPerSecond: number
}

/** The bytes of one connection in one direction of a link. */
export interface Flow {
  push(bytes: Buffer): void
  end(): void
}

interface Parcel {
  /** Undefined: the sender has ended. */
  bytes: Buffer | undefined
  dueAt: number
}

/** How far ahead of the link a sender may be: what a router on the way would queue. */
const queueMsMax = 200
/** The link is a queue that may also be long because its far end does not read. */
const blockedBytesMax = 1024 * 1024
/** Timers come later than they are set to: this much before the moment, waiting goes on without one. */
const exactMs = 1.5
/** Above this, waiting for the exact moment is not worth what it takes from what is measured. */
const exactBytesMax = 256 * 1024
/** Waiting without a timer is sleeping for so long, again and again: turning in circles would take a whole core. */
const sleepMs = 0.05
/** What sleeping takes longer than it is told to. */
const lateMs = 0.1
const sleeper = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))

/** One direction of a link, with one delay and one rate for all connections on it. */
export class LinkLane {
  readonly #delayMs: number
  readonly #bytesPerMs: number
  readonly #flows = new Set<LaneFlow>()
  /** When the last byte that was taken has left. */
  #freeAt = 0
  #isStalled = false

  constructor ({ delayMs, bytesPerSecond }: LinkLaneInit) {
    this.#delayMs = delayMs
    this.#bytesPerMs = bytesPerSecond / 1000
  }

  get isStalled (): boolean { return this.#isStalled }

  flow (from: Socket, to: Socket): Flow {
    const flow = new LaneFlow(this, from, to)
    this.#flows.add(flow)
    to.once('close', () => {
      this.#flows.delete(flow)
      flow.stop()
    })
    return flow
  }

  stall (): void {
    this.#isStalled = true
  }

  resume (): void {
    this.#isStalled = false
    for (const flow of this.#flows) flow.flush()
  }

  stop (): void {
    for (const flow of this.#flows) flow.stop()
    this.#flows.clear()
  }

  /** When bytes that come now arrive at the other end. */
  arrivalOf (bytes: number, now: number): number {
    this.#freeAt = Math.max(this.#freeAt, now) + bytes / this.#bytesPerMs
    return this.#freeAt + this.#delayMs
  }

  /** Milliseconds until the link takes more. */
  queueMs (now: number): number {
    return this.#freeAt - queueMsMax - now
  }

  /** As much of a piece as may be delivered at once. */
  get parcelBytesMax (): number {
    return Math.max(1024, Math.ceil(this.#bytesPerMs * 5))
  }
}

/** Flows that have something to deliver within moments, and when. */
const soon = new Map<LaneFlow, number>()

function flushSoon (): void {
  const leftMs = Math.min(...soon.values()) - performance.now()
  if (leftMs > lateMs) Atomics.wait(sleeper, 0, 0, Math.min(sleepMs, leftMs - lateMs))
  const flows = [...soon.keys()]
  soon.clear()
  for (const flow of flows) flow.flush()
}

class LaneFlow implements Flow {
  readonly #lane: LinkLane
  readonly #from: Socket
  readonly #to: Socket
  readonly #parcels: Parcel[] = []
  #first = 0
  #queuedBytes = 0
  #isBlocked = false
  #timer: NodeJS.Timeout | undefined
  #reading: NodeJS.Timeout | undefined

  constructor (lane: LinkLane, from: Socket, to: Socket) {
    this.#lane = lane
    this.#from = from
    this.#to = to
    to.on('drain', () => {
      this.#isBlocked = false
      this.#holdBack()
      this.flush()
    })
  }

  push (bytes: Buffer): void {
    const now = performance.now()
    const size = this.#lane.parcelBytesMax
    for (let at = 0; at < bytes.length; at += size) {
      const parcel = at === 0 && size >= bytes.length ? bytes : bytes.subarray(at, at + size)
      this.#parcels.push({ bytes: parcel, dueAt: this.#lane.arrivalOf(parcel.length, now) })
    }
    this.#queuedBytes += bytes.length
    this.#holdBack()
    this.flush()
  }

  end (): void {
    this.#parcels.push({ bytes: undefined, dueAt: this.#lane.arrivalOf(0, performance.now()) })
    this.flush()
  }

  stop (): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#reading)
    soon.delete(this)
    this.#parcels.length = 0
    this.#first = 0
  }

  /** Delivers what is due, and wakes up for what is not. */
  flush (): void {
    if (this.#isBlocked || this.#lane.isStalled || this.#to.destroyed) return
    const now = performance.now()
    this.#to.cork()
    for (let next = this.#parcels[this.#first]; next !== undefined && next.dueAt <= now; next = this.#parcels[this.#first]) {
      this.#first++
      if (next.bytes === undefined) this.#to.end()
      else if (this.#write(next.bytes) > blockedBytesMax) break
    }
    this.#to.uncork()
    this.#forget()
    // What the system takes at once does not wait.
    this.#isBlocked = this.#to.writableLength > blockedBytesMax
    this.#holdBack()
    const next = this.#parcels[this.#first]
    if (next !== undefined && !this.#isBlocked) this.#wakeAt(next.dueAt, now)
  }

  /** Returns how many bytes wait to be read at the far end. */
  #write (bytes: Buffer): number {
    this.#queuedBytes -= bytes.length
    this.#to.write(bytes)
    return this.#to.writableLength
  }

  /** Cutting off the front of a long array for each parcel would take quadratic time. */
  #forget (): void {
    if (this.#first < this.#parcels.length && this.#first < 1024) return
    this.#parcels.splice(0, this.#first)
    this.#first = 0
  }

  /** Timers come up to a millisecond late, and never add up: each is set for a moment, not for a distance. */
  #wakeAt (dueAt: number, now: number): void {
    if (this.#timer !== undefined || soon.has(this)) return
    const waitMs = dueAt - now
    if (waitMs < exactMs && this.#queuedBytes <= exactBytesMax) {
      if (soon.size === 0) setImmediate(flushSoon)
      soon.set(this, dueAt)
      return
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.flush()
    }, Math.max(1, Math.floor(waitMs - exactMs)))
  }

  #holdBack (): void {
    const waitMs = this.#lane.queueMs(performance.now())
    if (this.#isBlocked || (this.#lane.isStalled && this.#queuedBytes > blockedBytesMax)) {
      this.#from.pause()
      return
    }
    if (waitMs <= 0) {
      if (this.#from.isPaused()) this.#from.resume()
      return
    }
    this.#from.pause()
    this.#reading ??= setTimeout(() => {
      this.#reading = undefined
      this.#holdBack()
    }, Math.max(1, waitMs))
  }
}
