/**
 * Keeps a node from contradicting itself. Before its first append after opening, the trail is held against the newest
 * checkpoints of its log that others have. Where one is ahead of it, or another one, the trail on this disk is not the one that
 * was shown: it was restored from a backup, or another process runs with the same key and a copy of the repository. Then nothing
 * is appended any more, in this process or a later one: what was shown is kept. Where nobody answers in time the trail is
 * unwitnessed, and goes on.
 */
import { StaleTrailError, StoppedError, TimedOutError } from '../errors.ts'
import { witnessTimeoutMs } from '../limits.ts'
import { withDeadline } from '../transfer/deadline.ts'
import { compareTrail } from './compare-trail.ts'
import { forkedTrail } from './forks.ts'
import { verifyKept } from './kept-checkpoints.ts'
import type { SeenCheckpoint } from '../format/seen-checkpoint.ts'
import type { ForkedTrailError } from '../errors.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { Forks } from './forks.ts'
import type { KeptCheckpoint, KeptCheckpoints } from './kept-checkpoints.ts'

/** Somebody who may have seen checkpoints of this node's log: a router, an anchor. */
export interface CheckpointSource {
  /** For messages. */
  readonly name: string
  /**
   * The newest one that it has of a log, of which nothing needs to be verified; undefined when it has none. Rejects when it
   * cannot be asked.
   */
  newest(origin: string, options: { signal: AbortSignal }): Promise<SeenCheckpoint | undefined>
}

/** What a guard is made of. */
export interface TrailGuardInit {
  /** Which log. */
  origin: string
  /** Who is asked. */
  sources: () => readonly CheckpointSource[]
  kept: Pick<KeptCheckpoints, 'find' | 'keep'>
  forks: Pick<Forks, 'find' | 'keep'>
  log: (line: string) => void
  /** Milliseconds for all of them to answer, by default those of `limits.ts`. */
  timeoutMs?: number
}

/** What it reads of a trail. */
export type GuardedTrail = Parameters<typeof compareTrail>[0]

/** Lets a trail be appended to, or not. */
export class TrailGuard {
  readonly #init: Required<TrailGuardInit>
  readonly #stopped = new AbortController()
  #passing: Promise<void> | undefined
  #hasPassed = false
  #refusal: StaleTrailError | ForkedTrailError | undefined

  constructor (init: TrailGuardInit) {
    this.#init = { timeoutMs: witnessTimeoutMs, ...init }
  }

  /** Why nothing is appended any more; undefined while that is not so. */
  get refusal (): StaleTrailError | ForkedTrailError | undefined {
    return this.#refusal
  }

  /** True once the trail was compared, so that nobody has to wait for it. */
  get isDecided (): boolean {
    return this.#hasPassed || this.#refusal !== undefined
  }

  /** True when others have to be asked before the trail passes. */
  get asksOthers (): boolean {
    return !this.isDecided && this.#init.sources().length > 0
  }

  /**
   * Compares the trail the first time, for a few seconds at most, and lets it pass from then on.
   *
   * @throws {@link StaleTrailError}, {@link ForkedTrailError} when it may not be appended to
   * @throws {@link StoppedError} when the node stops before it was compared
   */
  async pass (trail: GuardedTrail): Promise<void> {
    if (!this.isDecided) {
      this.#passing ??= this.#compare(trail).finally(() => { this.#passing = undefined })
      await this.#passing
    }
    this.throwIfRefused()
  }

  /** @throws {@link StaleTrailError}, {@link ForkedTrailError} when it is known that the trail may not be appended to */
  throwIfRefused (): void {
    if (this.#refusal !== undefined) throw this.#refusal
  }

  /**
   * Holds the trail against what somebody has seen. What was not signed by this node is passed over.
   *
   * @returns what was seen, when the trail continues it; undefined when it says nothing about this log
   * @throws {@link StaleTrailError}, {@link ForkedTrailError} when it may not be appended to from now on
   */
  async hear (
    trail: GuardedTrail, seen: SeenCheckpoint, witness: string, options: AbortOptions = {}
  ): Promise<KeptCheckpoint | undefined> {
    const verified = this.#verify(seen, witness)
    if (verified === undefined) return undefined
    const comparison = await compareTrail(trail, verified, options)
    if (comparison.kind === 'continues') return verified
    this.#refusal ??= comparison.kind === 'forked'
      ? forkedTrail(await this.#init.forks.keep(comparison.fork))
      : await this.#behind(trail, verified, witness)
    throw this.#refusal
  }

  /** Ends what is being compared. */
  stop (): void {
    this.#stopped.abort(new StoppedError('the data node was stopped before its audit trail was compared'))
  }

  async #compare (trail: GuardedTrail): Promise<void> {
    const { origin, sources, forks, kept, log, timeoutMs } = this.#init
    const known = forks.find(origin)
    if (known !== undefined) this.#refusal = forkedTrail(known)
    const own = await kept.find(origin)
    if (own !== undefined && this.#refusal === undefined) await this.hear(trail, own, 'this repository')
    this.throwIfRefused()
    const asked = sources()
    const answers = await Promise.allSettled(asked.map(async source => {
      const timedOut = (): Error => new TimedOutError(`No answer came within ${timeoutMs} ms`)
      const seen = await withDeadline(timeoutMs, this.#stopped.signal, timedOut,
        async signal => await source.newest(origin, { signal }))
      if (seen !== undefined) await this.hear(trail, seen, source.name)
    }))
    this.throwIfRefused()
    this.#stopped.signal.throwIfAborted()
    for (const [at, answer] of answers.entries()) {
      if (answer.status === 'rejected') log(`${asked[at]?.name ?? ''} does not say what it has seen of the audit trail: ${String(answer.reason)}`)
    }
    this.#hasPassed = true
  }

  #verify (seen: SeenCheckpoint, witness: string): KeptCheckpoint | undefined {
    try {
      if (seen.auditKey.origin !== this.#init.origin) return undefined
      return verifyKept(seen)
    } catch (error) {
      this.#init.log(`${witness} shows a checkpoint of the audit trail that this node did not sign: ${String(error)}`)
      return undefined
    }
  }

  /** It is kept, so that a later process knows it where nobody can be asked. */
  async #behind ({ size }: GuardedTrail, seen: KeptCheckpoint, witness: string): Promise<StaleTrailError> {
    const { kept, log } = this.#init
    await kept.keep(seen).catch((error: unknown) => {
      log(`that ${witness} is ahead of the audit trail is not on the drive: ${String(error)}`)
    })
    return new StaleTrailError(
      `The audit trail has ${size} entries, and ${witness} holds a checkpoint of ${seen.checkpoint.size} that this node signed: it was` +
      ' restored from a backup, or another process runs with the same key and a copy of the repository. Nothing is appended to it: stop' +
      ' the other process, or restore the newest repository, or begin with an empty one, which has a trail of its own',
      { size, seen: seen.checkpoint.size, witness })
  }
}
