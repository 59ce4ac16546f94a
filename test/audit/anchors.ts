import type { Anchor, AnchorReceipt } from '../../src/interface/anchor.ts'

/** A chain that nobody answers for. */
export class ChainUnreachable extends Error {}

/** An anchor that has one receipt, or none, or fails. */
export function anchorOf (id: string, { found, fails }: { found?: AnchorReceipt | undefined, fails?: Error }): Anchor {
  return {
    id,
    write: async () => await Promise.reject(new Error('It is only read')),
    read: async () => fails === undefined ? found : await Promise.reject(fails)
  }
}
