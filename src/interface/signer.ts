import type { AbortOptions, Address } from './primitives.ts'

/** Signs what a node states, with a key that is not in its process: one of a hardware module, or of a service. */
export interface RemoteSigner {
  /** Of the key: whoever the statements are from, and whom results name as their miner. */
  address: Address
  /**
   * Signs a 32-byte digest: 65 bytes r, s (low), v (27 or 28). When it throws, takes longer than 30 s, or gives something else
   * than the signature of this digest by `address`, that is a {@link SignerError}.
   */
  sign: (digest: Uint8Array, options: AbortOptions) => Promise<Uint8Array>
}
