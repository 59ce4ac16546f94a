import type { CID } from 'multiformats/cid'

/** Hexadecimal bytes with the `0x` prefix, lower case. */
export type Hex = `0x${string}`

/** An EVM address: 20 bytes as lower-case hexadecimal. */
export type Address = Hex

/** The sha2-256 digest of a bundle's root block: 32 bytes, a `bytes32` on chain. It determines the CID and back. */
export type Digest = Hex

/** A uint256 as a decimal string without leading zeros: `0` or `[1-9][0-9]*`. */
export type Uint256 = string

/** A value that JSON can hold. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject

/** A JSON object. */
export interface JsonObject { [key: string]: JsonValue }

/**
 * What names a bundle: a CID or its text, `ipfs://<cid>` with optional `provider` parameters, `/ipfs/<cid>`,
 * or `urn:blob:v2:ipfs:<cid>`.
 */
export type Reference = CID | string

/** What every asynchronous call takes: a signal whose own `reason` the call rejects with when it is aborted. */
export interface AbortOptions {
  signal?: AbortSignal | undefined
}
