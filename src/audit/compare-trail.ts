import { equals } from 'multiformats/bytes'
import type { AbortOptions } from '../interface/primitives.ts'
import type { Fork } from '../format/fork.ts'
import type { KeptCheckpoint } from './kept-checkpoints.ts'
import type { Trail } from './trail.ts'

/** How a trail stands to a checkpoint that somebody has seen of it. */
export type Comparison = { kind: 'continues' } | { kind: 'behind' } | { kind: 'forked', fork: Fork }

/**
 * Holds a trail against a verified checkpoint of the same log: the trail continues it, or is behind it, or is another one.
 *
 * @throws {@link DamagedTrailError} when the tiles do not lead to one root
 */
export async function compareTrail (
  trail: Pick<Trail, 'auditKey' | 'checkpoint' | 'headAt' | 'proveConsistency' | 'size'>, seen: KeptCheckpoint, options: AbortOptions = {}
): Promise<Comparison> {
  const { size, root: seenRoot } = seen.checkpoint
  const { auditKey, checkpoint: note, size: laterSize } = trail
  if (size > laterSize) return { kind: 'behind' }
  const { root } = await trail.headAt(size, options)
  if (equals(root, seenRoot)) return { kind: 'continues' }
  const proof = await trail.proveConsistency(size, laterSize, options)
  return { kind: 'forked', fork: { earlier: { auditKey: seen.auditKey, note: seen.note }, later: { auditKey, note }, root, proof } }
}
