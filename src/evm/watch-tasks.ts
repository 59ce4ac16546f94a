import { setTimeout as timer } from 'node:timers/promises'
import { ChainError } from '../errors.ts'
import { chainRetryMsMax } from '../limits.ts'
import type { TaskEvent } from '../interface/chain.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { WatchedTasks } from './watched-tasks.ts'

/** How often is looked, and who is told when nothing is seen. */
export interface WatchInit extends AbortOptions {
  pollMs: number
  onError?: ((error: Error) => void) | undefined
  /** Rejects when the signal is aborted. */
  sleep?: (milliseconds: number, options: AbortOptions) => Promise<unknown>
}

/**
 * Looks again and again, and less often while no endpoint answers. It ends with the signal, by its own reason, and with an error
 * that no waiting mends.
 */
export async function * watchTasks (tasks: Pick<WatchedTasks, 'look'>, init: WatchInit): AsyncGenerator<TaskEvent> {
  const { pollMs, onError, signal, sleep = pause } = init
  for (let waitMs = pollMs; ;) {
    signal?.throwIfAborted()
    try {
      yield * tasks.look({ signal })
      waitMs = pollMs
    } catch (error) {
      if (!(error instanceof ChainError) || !error.retryable) throw error
      onError?.(error)
      waitMs = Math.min(waitMs * 2, Math.max(chainRetryMsMax, pollMs))
    }
    await rest(waitMs)
  }

  async function rest (milliseconds: number): Promise<void> {
    await sleep(milliseconds, { signal }).catch((error: unknown) => {
      signal?.throwIfAborted()
      throw error
    })
  }
}

const pause: NonNullable<WatchInit['sleep']> = async (milliseconds, options) => await timer(milliseconds, undefined, options)
