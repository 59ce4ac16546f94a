/**
 * Origins of audit trails: the first line of their checkpoints, and the name of the key that signs them.
 *
 * ```
 * cortensor-datanode/<address>/<repository id>
 * ```
 *
 * The address is `0x` and 40 lower-case hexadecimal digits: that of the node whose statements the trail commits to. The
 * repository id is 32 lower-case hexadecimal digits, 16 random bytes of the disk that the trail is on: another disk is another
 * log, so that a node that lost one does not seem to have changed it.
 */
import type { Address } from '../interface/primitives.ts'
import { invalidArgument } from './argument.ts'

/** Whose log it is, and which one. */
export interface AuditOrigin {
  address: Address
  /** 16 bytes as lower-case hexadecimal, without `0x`. */
  repositoryId: string
}

const form = /^cortensor-datanode\/(0x[0-9a-f]{40})\/([0-9a-f]{32})$/

/** Tells whether a value is the origin of a node's audit trail. */
export function isAuditOrigin (value: unknown): value is string {
  return typeof value === 'string' && form.test(value)
}

/**
 * Writes the origin of a node's audit trail.
 *
 * @throws {@link InvalidArgumentError} when a part is not of its form
 */
export function formatAuditOrigin ({ address, repositoryId }: AuditOrigin): string {
  const origin = `cortensor-datanode/${address}/${repositoryId}`
  parseAuditOrigin(origin)
  return origin
}

/**
 * Reads the origin of a node's audit trail.
 *
 * @throws {@link InvalidArgumentError} when it is the origin of something else
 */
export function parseAuditOrigin (origin: string): AuditOrigin {
  const [, address, repositoryId] = form.exec(origin) ?? []
  if (address === undefined || repositoryId === undefined) {
    throw invalidArgument('the origin', 'cortensor-datanode/<address>/<repository id>', origin)
  }
  return { address: address as Address, repositoryId }
}
