import { assumedBytesPerSecond, firstWindowBytes, steadyWindowBytes, windowStepBytes } from '../limits.ts'
import { announceWindow } from '../network/stream-window.ts'
import { Rate } from './rate.ts'
import type { Stream } from '@libp2p/interface'

/** Round trips of bytes that may be on their way, beside what is always allowed: what is taken is heard of later than it came. */
const roundTrips = 1.5

/**
 * How much a provider may send ahead on a stream while its answer comes. That is known only by and by: the first window is
 * announced before anything is asked for, a larger one once there is an answer, and by how fast that is taken. Whoever takes it
 * slowly has little waiting, and a fast one far away is never out of it.
 */
export class ReceiveWindow {
  readonly #stream: Stream
  readonly #now: () => number
  #bytes: number = firstWindowBytes
  #roundTripMs = 0
  #rate: Rate | undefined

  constructor (stream: Stream, { now = () => performance.now() }: { now?: () => number } = {}) {
    this.#stream = stream
    this.#now = now
  }

  /** The answer has begun, so long after it was asked for. */
  begin (roundTripMs: number): void {
    this.#roundTripMs = roundTripMs
    this.#rate = new Rate(this.#now)
  }

  /** So many bytes were taken. */
  took (bytes: number): void {
    this.#rate?.add(bytes)
  }

  /** Announces what is of use now, and no more than `most`. Each change is a message, so it is made in steps. */
  adjust (most: number): void {
    const ahead = this.#roundTripMs * roundTrips * (this.#rate?.bytesPerSecond ?? assumedBytesPerSecond) / 1000
    const steps = Math.round(ahead / windowStepBytes)
    const bytes = Math.min(most, steadyWindowBytes + steps * windowStepBytes)
    // A rate that goes up and down a little says nothing new.
    const isNear = bytes < this.#bytes && this.#bytes <= most && this.#bytes - bytes <= 2 * windowStepBytes
    if (bytes === this.#bytes || isNear) return
    this.#bytes = bytes
    announceWindow(this.#stream, bytes)
  }
}
