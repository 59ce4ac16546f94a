import { equals } from 'multiformats/bytes'
import { decodeCheckpoint } from '../format/checkpoint.ts'
import type { AnchoredCheckpoint } from '../interface/anchor.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { Trail } from './trail.ts'

/**
 * Compares a trail with the newest checkpoint that was anchored of it: gives that when the trail does not continue it, because it
 * went back, as with a restored backup, or became another one. Nothing may be appended to such a trail.
 */
export async function anchoredAhead (trail: Pick<Trail, 'checkpointAt' | 'size'>, anchored: readonly AnchoredCheckpoint[],
  options: AbortOptions = {}): Promise<AnchoredCheckpoint | undefined> {
  const newest = anchored.reduce<AnchoredCheckpoint | undefined>((a, b) => a === undefined || b.size >= a.size ? b : a, undefined)
  if (newest === undefined) return undefined
  if (newest.size > trail.size) return newest
  const { root } = decodeCheckpoint((await trail.checkpointAt(newest.size, options)).text)
  return equals(root, newest.root) ? undefined : newest
}
