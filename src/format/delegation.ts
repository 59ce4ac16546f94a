/**
 * A delegation: a wallet's signed word that a node speaks for it until a time.
 *
 * What is signed is the EIP-712 digest of `eip712.ts`; the signature is that of `address.ts`, and the wallet is whoever made it.
 * At rest and on the wire a delegation is a JSON object in canonical form (RFC 8785, see `canonical-json.ts`) of at most 512
 * bytes, with these fields and no others, in the forms of `schema.ts`:
 *
 * ```
 * format      'cortensor-delegation'
 * version     '1'
 * node        address of the node
 * until       seconds since 1970, a decimal string below 2^64
 * time        seconds since 1970, a decimal string below 2^64
 * signature   65 bytes: r, s (low), v (27 or 28)
 * ```
 *
 * The longest delegation has 307 bytes, so the bound never cuts one. What it lets a node say, and how it is revoked, is in
 * `delegated.ts`. A wallet needs nobody's consent to sign one: where it matters whose a bundle is, its manifest says so as well.
 */
import { InvalidDelegationError } from '../errors.ts'
import { delegationBytesMax } from '../limits.ts'
import type { Delegation, DelegationBody, SignedDelegation } from '../interface/delegation.ts'
import { checkSignature, recoverAddress } from './address.ts'
import { delegationDigest } from './eip712.ts'
import { fromHex, toHex } from './hex.ts'
import { decodeRecord, encodeRecord, recordFormat, refuseInvalid } from './json-record.ts'
import { address, signature, time } from './schema.ts'
import type { SignDigest } from './statement.ts'

const unsigned = toHex(new Uint8Array(65))

const record = recordFormat({
  what: 'delegation',
  format: 'cortensor-delegation',
  version: '1',
  fields: { node: address, until: time, time, signature },
  bytesMax: delegationBytesMax,
  invalid: (message, details) => new InvalidDelegationError(message, details)
})

/**
 * Writes a delegation. The signature is not checked against it: see {@link verifyDelegation}.
 *
 * @throws {@link InvalidDelegationError} when a field is missing or not of its form
 */
export function encodeDelegation (delegation: Delegation): Uint8Array<ArrayBuffer> {
  const { node, until, time, signature } = { ...delegation }
  return encodeRecord(record, { node, until, time, signature })
}

/**
 * Reads a delegation. The signature is not checked against it: see {@link verifyDelegation}.
 *
 * @throws {@link InvalidDelegationError} when the bytes are not the canonical form of a delegation
 * @throws {@link NewerFormatError} when it was written in a newer version
 * @throws {@link LimitExceededError} when it is larger than 512 bytes
 */
export function decodeDelegation (bytes: Uint8Array): Delegation {
  const { node, until, time, signature } = decodeRecord(record, bytes) as unknown as Delegation
  return { node, until, time, signature }
}

/**
 * Finds the wallet that signed a delegation. That it is the right one, and for when and for whom it counts, is for the caller to
 * check.
 *
 * @throws {@link InvalidDelegationError} when a field is not of its form or the signature is none
 */
export function verifyDelegation (delegation: Delegation): SignedDelegation {
  return withWallet(decodeDelegation(encodeDelegation(delegation)))
}

/**
 * Reads a delegation as it came: as an object, or as its JSON in bytes or text; and finds the wallet that signed it.
 *
 * @throws {@link InvalidDelegationError}, {@link NewerFormatError}, {@link LimitExceededError} as {@link decodeDelegation} does,
 *   and when the signature is none
 */
export function readDelegation (value: Delegation | Uint8Array | string): SignedDelegation {
  if (typeof value === 'string') return withWallet(decodeDelegation(new TextEncoder().encode(value.slice(0, delegationBytesMax + 1))))
  return value instanceof Uint8Array ? withWallet(decodeDelegation(value)) : verifyDelegation(value)
}

/**
 * Makes a delegation. `sign` is asked of the wallet, which may be remote; for one that signs typed data only, see
 * {@link delegationTypedData}. That the signature is of this delegation is the word of `sign`.
 *
 * @throws {@link InvalidDelegationError} when a field is not of its form, or when `sign` gives something that is no signature
 */
export async function signDelegation (body: DelegationBody, sign: SignDigest): Promise<Delegation> {
  encodeDelegation({ ...body, signature: unsigned })
  const signature = await sign(delegationDigest(body))
  refuseInvalid(record, () => { checkSignature(signature) })
  return decodeDelegation(encodeDelegation({ ...body, signature: toHex(signature) }))
}

/** What a wallet is asked to sign, in the form of `eth_signTypedData_v4`. */
export interface DelegationTypedData {
  domain: { name: 'cortensor-datanode', version: '1' }
  types: Record<string, { name: string, type: string }[]>
  primaryType: 'Delegation'
  message: Record<keyof DelegationBody, string>
}

/**
 * A delegation as wallets take it, for `eth_signTypedData_v4` or viem's `signTypedData`. The signature that comes back completes
 * it: `{ ...body, signature }`.
 *
 * @throws {@link InvalidDelegationError} when a field is not of its form
 */
export function delegationTypedData (body: DelegationBody): DelegationTypedData {
  const { node, until, time } = decodeDelegation(encodeDelegation({ ...body, signature: unsigned }))
  return {
    domain: { name: 'cortensor-datanode', version: '1' },
    types: {
      EIP712Domain: [{ name: 'name', type: 'string' }, { name: 'version', type: 'string' }],
      Delegation: [{ name: 'node', type: 'address' }, { name: 'until', type: 'uint64' }, { name: 'time', type: 'uint64' }]
    },
    primaryType: 'Delegation',
    message: { node, until, time }
  }
}

function withWallet (delegation: Delegation): SignedDelegation {
  const wallet = refuseInvalid(record, () => recoverAddress(delegationDigest(delegation), fromHex(delegation.signature)))
  return { delegation, wallet }
}
