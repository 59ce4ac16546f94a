import { LimitExceededError, StorageFullError } from '../errors.ts'
import type { ProviderTurn } from './provider-turn.ts'

/**
 * Checks what a provider says that the whole DAG has. What is too large by its word may not be by another's.
 *
 * @throws {@link LimitExceededError} when it is more than may be fetched
 * @throws {@link StorageFullError} when it can never be stored; both have `announcedBy`
 */
export function checkSize (size: number, { bytesMax, frontier }: Pick<ProviderTurn, 'bytesMax' | 'frontier'>,
  { peer: announcedBy, name }: { peer: string, name: string }): void {
  if (size > bytesMax) {
    throw new LimitExceededError(`${name} announced ${size} bytes; at most ${bytesMax} may be fetched`,
      { limit: 'bytesMax', max: bytesMax, actual: size, announcedBy })
  }
  try {
    frontier.announce?.(size)
  } catch (error) {
    if (!(error instanceof StorageFullError)) throw error
    throw new StorageFullError(error.message, { ...error.details, announcedBy, cause: error.cause })
  }
}
