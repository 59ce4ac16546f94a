import { NotStoredError } from '../errors.ts'
import { statementDigest } from '../format/eip712.ts'
import { fromHex, isHex, toHex } from '../format/hex.ts'
import type { Digest } from '../interface/primitives.ts'
import type { Statement } from '../interface/statement.ts'

/** The entry of a log that a statement, or its digest, names. @throws {@link InvalidArgumentError} when it is neither */
export function digestOf (entry: Statement | Digest): Uint8Array {
  return isHex(entry, 32) ? fromHex(entry) : statementDigest(entry)
}

/** An error that says that a log has no such entry. */
export function notAnEntry (digest: Uint8Array, log: string): NotStoredError {
  return new NotStoredError(`${toHex(digest)} is not an entry of ${log}`, { digest: toHex(digest) })
}
