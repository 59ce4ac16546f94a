import { AnchorError, StoppedError } from '../errors.ts'
import { Slots } from '../format/slots.ts'
import { anchorIntervalMsDefault, anchorRetryMsMax, anchorRetryMsMin, anchorTimeoutMs, stopTimeoutMs, timerMsMax } from '../limits.ts'
import { within } from '../network/within.ts'
import { withDeadline } from '../transfer/deadline.ts'
import { anchorNewest, newestAt } from './anchor-newest.ts'
import { openStoredAnchors } from './stored-anchors.ts'
import type { Anchor, AnchoredCheckpoint, AnchorHealth } from '../interface/anchor.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { DurableFiles, Store } from '../interface/store.ts'
import type { AnchorOptions } from './anchor-options.ts'
import type { StatementTrail } from './statement-trail.ts'
import type { StoredAnchors } from './stored-anchors.ts'

/** What it is made of. */
export interface AnchoringInit {
  anchor: Anchor
  /** Milliseconds from one anchored checkpoint to the next; `Infinity` when only the host asks for one. */
  intervalMs: number
  files: Pick<DurableFiles, 'place' | 'read'>
  statements: Pick<StatementTrail, 'flush'>
  /** Milliseconds since 1970. */
  clock: () => number
  /** A number from 0 up to, and without, 1. */
  random: () => number
  log: (line: string) => void
}

/** What a host says of its anchor, and what anchoring needs of its node. */
export interface NodeAnchoringInit extends AnchorOptions, Omit<AnchoringInit, 'anchor' | 'files' | 'intervalMs'> {
  store: Pick<Store, 'auditFiles'>
}

/** The anchoring of a node; undefined when it has no anchor. */
export function createAnchoring ({ anchor, anchorIntervalMs, store, ...init }: NodeAnchoringInit): Anchoring | undefined {
  const intervalMs = anchorIntervalMs ?? anchorIntervalMsDefault
  return anchor && new Anchoring({ ...init, anchor, intervalMs, files: store.auditFiles })
}

/**
 * Anchors the trail of a node: its newest checkpoint whenever the trail has grown and the interval is over, and when the host
 * asks for it. Nothing else waits for it. While the anchor cannot be reached it is tried again, less and less often.
 */
export class Anchoring {
  readonly #init: AnchoringInit
  readonly #turns = new Slots(1)
  readonly #stopped = new AbortController()
  #stored: StoredAnchors | undefined
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()
  #failures = 0
  #lastError: string | undefined
  #nextAt = 0

  constructor (init: AnchoringInit) {
    this.#init = init
  }

  /** Begins, with what an earlier process may have left. */
  start (): void {
    this.#lookIn(0)
  }

  /** Anchors the newest checkpoint now; see {@link AuditTrail.anchor}. */
  async anchor (options: AbortOptions = {}): Promise<AnchoredCheckpoint> {
    try {
      const anchored = await this.#anchor(options)
      this.#lookIn(this.#init.intervalMs)
      return anchored
    } catch (error) {
      if (options.signal?.aborted === true) this.#lookIn(anchorRetryMsMin)
      else this.#failed(error)
      throw error
    }
  }

  /** What is anchored, the oldest first. */
  async anchored (options: AbortOptions = {}): Promise<readonly AnchoredCheckpoint[]> {
    return await this.#turns.run(async () => (await this.#open()).anchored, options)
  }

  health (): AnchorHealth {
    const { anchor } = this.#init
    const newest = this.#stored === undefined ? undefined : newestAt(this.#stored, anchor)
    return {
      anchor: anchor.id,
      ...newest && { size: newest.size, time: newest.receipt.time },
      ...this.#failure()
    }
  }

  /** Ends what runs: it is gone on with by the next start. Never rejects. */
  async stop (): Promise<void> {
    this.#stopped.abort(new StoppedError('The node was stopped while it anchored its audit trail'))
    clearTimeout(this.#timer)
    await within(stopTimeoutMs, this.#looking)
  }

  async #look (): Promise<void> {
    try {
      const delayMs = await this.#turns.run(() => this.#dueInMs(), { signal: this.#stopped.signal })
      if (delayMs === 0) await this.#anchor({})
      this.#lastError = undefined
      this.#lookIn(delayMs === 0 ? this.#init.intervalMs : delayMs)
    } catch (error) {
      this.#failed(error)
    }
  }

  async #anchor ({ signal }: AbortOptions): Promise<AnchoredCheckpoint> {
    const { anchor, statements, log } = this.#init
    const ended = AbortSignal.any([this.#stopped.signal, ...signal === undefined ? [] : [signal]])
    const anchored = await this.#turns.run(async () => {
      const [trail, stored] = [await statements.flush(), await this.#open()]
      return await withDeadline(anchorTimeoutMs, ended, () => silent(anchor), async signal =>
        await anchorNewest({ anchor, stored, trail, log }, { signal }))
    }, { signal: ended })
    this.#failures = 0
    this.#lastError = undefined
    return anchored
  }

  /** Milliseconds until there is something to anchor; 0 when there is now. What waits does at once. */
  async #dueInMs (): Promise<number> {
    const { anchor, clock, intervalMs, statements } = this.#init
    const stored = await this.#open()
    if (stored.waiting?.anchor === anchor.id) return 0
    if (intervalMs === Infinity) return Infinity
    const newest = newestAt(stored, anchor)
    if ((await statements.flush()).size === (newest?.size ?? 0)) return intervalMs
    // Blocks have clocks of their own, and ours may be set.
    const waitedMs = newest === undefined ? intervalMs : clock() - Number(newest.receipt.time) * 1000
    return Math.min(Math.max(intervalMs - waitedMs, 0), intervalMs)
  }

  #failure (): Pick<AnchorHealth, 'lastError' | 'retryInMs'> {
    if (this.#lastError === undefined) return {}
    return { lastError: this.#lastError, retryInMs: Math.max(0, this.#nextAt - this.#init.clock()) }
  }

  async #open (): Promise<StoredAnchors> {
    this.#stored ??= await openStoredAnchors(this.#init.files)
    return this.#stored
  }

  #failed (error: unknown): void {
    if (this.#stopped.signal.aborted) return
    this.#lastError = error instanceof Error ? error.message : String(error)
    const delayMs = Math.min(anchorRetryMsMax, anchorRetryMsMin * 2 ** this.#failures++) * (1 + this.#init.random()) / 2
    this.#init.log(`the audit trail is not anchored, and is tried again in ${Math.ceil(delayMs / 1000)} s: ${this.#lastError}`)
    this.#lookIn(delayMs)
  }

  #lookIn (delayMs: number): void {
    clearTimeout(this.#timer)
    if (this.#stopped.signal.aborted || delayMs === Infinity) return
    this.#nextAt = this.#init.clock() + delayMs
    this.#timer = setTimeout(() => { this.#looking = this.#look() }, Math.min(delayMs, timerMsMax)).unref()
  }
}

function silent ({ id }: Anchor): AnchorError {
  return new AnchorError(`The anchor ${id} did not write or read within ${anchorTimeoutMs} ms; check its endpoints`)
}
