import { RefusedError, UnavailableError } from '../errors.ts'
import type { DagStatus } from '../format/messages.ts'

/** Who refused what. */
export interface RefusalDetails {
  peer: string
  root: string
  retryAfterMs?: number | undefined
}

/** The error that says how a provider, which is called `name` in it, ended its answer; undefined when that was as it should. */
export function refusalOf (
  status: DagStatus, name: string, { peer, root, retryAfterMs }: RefusalDetails
): UnavailableError | RefusedError | undefined {
  if (status === 'ok') return undefined
  const details = { peer, status, retryAfterMs }
  if (status === 'not-available') return new UnavailableError(`${name} does not have ${root} for us`, details)
  if (status === 'embargoed') return new UnavailableError(`${name} has not revealed ${root} yet`, details)
  if (status === 'busy') return new RefusedError(`${name} is busy`, details)
  return new RefusedError(`${name} refused the request for ${root}: ${status}`, details)
}
