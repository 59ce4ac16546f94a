import { setTimeout as timer } from 'node:timers/promises'
import { RefusedError, TimedOutError, UnavailableError } from '../errors.ts'
import { embargoRetryMsMax, embargoRetryMsMin } from '../limits.ts'
import { withDeadline } from '../transfer/deadline.ts'
import type { DataNodeError } from '../errors.ts'
import type { ResultBundle } from '../interface/bundle.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { ProviderAttempt } from '../interface/transfer.ts'

/** How a result is asked for until it is revealed. */
export interface FetchRevealedInit {
  /** What it is called in messages. */
  urn: string
  /** Asks for it once. */
  fetch: (options: AbortOptions) => Promise<ResultBundle>
  timeoutMs: number
  signal: AbortSignal
  /** For jitter: at least 0 and less than 1. */
  random?: () => number
  /** Resolves after so many milliseconds. */
  sleep?: (ms: number, options: { signal: AbortSignal }) => Promise<unknown>
}

const pause: NonNullable<FetchRevealedInit['sleep']> = async (ms, options) => { await timer(ms, undefined, options) }

/**
 * Fetches a result. Once somebody has said that it is embargoed it is asked for again, less and less often, until time is up:
 * then also after a fetch that may succeed a moment later, because a miner that reveals has everybody ask it at once.
 *
 * @throws {@link UnavailableError} with the status `embargoed` when it was that to the end
 * @throws {@link TimedOutError} when it was not there in time
 * @throws what `fetch` throws
 */
export async function fetchRevealed (init: FetchRevealedInit): Promise<ResultBundle> {
  const { urn, fetch, timeoutMs, signal, random = Math.random, sleep = pause } = init
  let asked = 0
  let last: DataNodeError | undefined
  const timedOut = (): Error => last === undefined
    ? new TimedOutError(`${urn} did not come within ${timeoutMs} ms`)
    : isEmbargoed(last) ? stillEmbargoed(urn, { timeoutMs, asked, last }) : last
  return await withDeadline(timeoutMs, signal, timedOut, async own => {
    for (let delayMs = embargoRetryMsMin; ; delayMs = Math.min(2 * delayMs, embargoRetryMsMax)) {
      asked++
      try {
        return await openedInTime(await fetch({ signal: own }), own)
      } catch (error) {
        own.throwIfAborted()
        if (!isEmbargoed(error) && (last === undefined || !isPassing(error))) throw error
        last = error
      }
      await sleep(delayMs * (1 + random()) / 2, { signal: own })
    }
  })
}

/** True when somebody who was asked has it, and keeps it back. */
export function isEmbargoed (error: unknown): error is UnavailableError {
  if (!(error instanceof UnavailableError)) return false
  const { status, attempts = [] } = error.details as { status?: string, attempts?: readonly ProviderAttempt[] }
  return status === 'embargoed' || attempts.some(({ outcome }) => outcome === 'embargoed')
}

/** Who nobody waits for any more does not get it. */
async function openedInTime (result: ResultBundle, signal: AbortSignal): Promise<ResultBundle> {
  if (signal.aborted) await result.close()
  signal.throwIfAborted()
  return result
}

function isPassing (error: unknown): error is DataNodeError {
  return error instanceof UnavailableError || error instanceof RefusedError || error instanceof TimedOutError
}

function stillEmbargoed (
  urn: string, { timeoutMs, asked, last }: { timeoutMs: number, asked: number, last: DataNodeError }
): UnavailableError {
  return new UnavailableError(`${urn} was not revealed within ${timeoutMs} ms, in which it was asked for ${asked} times: ${last.message}`,
    { ...last.details, status: 'embargoed', asked, cause: last })
}
