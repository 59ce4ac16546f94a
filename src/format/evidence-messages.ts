/**
 * `/cortensor/evidence/1`: asks a node which evidence on a task it knows of.
 *
 * Goals: who has the name of a task on chain finds the evidence on it, also when whoever published it is gone.
 * Not goals: sending evidence, which goes over `/cortensor/dag/1`; saying that there is none: a node answers for what it has.
 *
 * **Framing.** Each message is a protobuf message (evidence-messages.proto) behind its length as an unsigned varint in its
 * shortest form. A request has at most 1 KiB and an answer at most 16. Fields that are not known are passed over.
 *
 * **Stream.** The side that opened it sends one `Request`. The other one sends one `Answer` and closes the stream.
 *
 * **Request.** `chainId`, `sessionId` and `taskId` are decimal strings below 2^256, and `queue` has 20 bytes: a task reference.
 * `signer`, where it is there, has 20 bytes: only what counts as signed by this address is asked for (delegated.ts).
 *
 * **Answer.** `retryAfterMs` is there with `BUSY` only.
 *
 * - `OK`: `statements` are those of evidence on this task that the asker may fetch from this node now, the newest bundle first:
 *   at most 8, each as in statement.ts. `delegations` are those by which their signers speak for wallets: at most 8, each as in
 *   delegation.ts. Evidence that the asker may not read is left out, as if it did not exist.
 * - `BUSY`: ask again later, after `retryAfterMs`.
 * - `BAD_REQUEST`: the request is malformed.
 * - any other value: a refusal.
 */
import { InvalidMessageError } from '../errors.ts'
import { delegationBytesMax, evidenceAnswerBytesMax, evidenceRequestBytesMax, foundEvidenceMax, statementBytesMax } from '../limits.ts'
import { fromHex, toHex } from './hex.ts'
import { delimited, encodeBytesField, encodeNumberField, encodePresentNumber, readFields, wholeNumber } from './protobuf.ts'
import { isUint256 } from './uint256.ts'
import { fromUtf8, toUtf8 } from './utf8.ts'
import type { EvidenceAnswer, EvidenceQuestion, EvidenceStatus } from '../interface/evidence-lookup.ts'
import type { Address, Uint256 } from '../interface/primitives.ts'
import type { MessageBound } from './delimited-reader.ts'

/** Name under which both sides negotiate a stream. */
export const evidenceProtocol = '/cortensor/evidence/1'

/** How large a request may be. */
export const evidenceRequestBound: MessageBound = { bytesMax: evidenceRequestBytesMax, limit: 'evidenceRequestBytesMax' }

/** How large an answer may be. */
export const evidenceAnswerBound: MessageBound = { bytesMax: evidenceAnswerBytesMax, limit: 'evidenceAnswerBytesMax' }

const addressBytes = 20
const statuses: readonly EvidenceStatus[] = ['unknown', 'ok', 'busy', 'bad-request']

/** Writes a request with its length in front. */
export function encodeEvidenceRequest ({ task, signer }: EvidenceQuestion): Uint8Array<ArrayBuffer> {
  const { chainId, queue, sessionId, taskId } = task
  return delimited([
    ...encodeBytesField(1, toUtf8(chainId)),
    ...encodeBytesField(2, fromHex(queue)),
    ...encodeBytesField(3, toUtf8(sessionId)),
    ...encodeBytesField(4, toUtf8(taskId)),
    ...signer === undefined ? [] : encodeBytesField(5, fromHex(signer))
  ])
}

/**
 * Reads a request without the length in front.
 *
 * @throws {@link InvalidMessageError} when it is malformed
 */
export function decodeEvidenceRequest (message: Uint8Array): EvidenceQuestion {
  const numbers = new Map<number, Uint256>()
  const addresses = new Map<number, Address>()
  for (const { number, bytes } of readFields(message)) {
    if (bytes === undefined) continue
    if (number === 1 || number === 3 || number === 4) numbers.set(number, decodeNumber(bytes))
    else if (number === 2 || number === 5) addresses.set(number, decodeAddress(bytes))
  }
  const [chainId, sessionId, taskId] = [numbers.get(1), numbers.get(3), numbers.get(4)]
  const [queue, signer] = [addresses.get(2), addresses.get(5)]
  if (chainId === undefined || queue === undefined || sessionId === undefined || taskId === undefined) {
    throw new InvalidMessageError('A request for evidence does not name a task')
  }
  return { task: { chainId, queue, sessionId, taskId }, ...signer === undefined ? {} : { signer } }
}

/** Writes an answer with its length in front. */
export function encodeEvidenceAnswer (answer: EvidenceAnswer): Uint8Array<ArrayBuffer> {
  const { status, statements, delegations, retryAfterMs } = answer
  return delimited([
    ...encodeNumberField(1, statuses.indexOf(status)),
    ...statements.flatMap(bytes => encodeBytesField(2, bytes)),
    ...delegations.flatMap(bytes => encodeBytesField(3, bytes)),
    ...retryAfterMs === undefined ? [] : encodePresentNumber(4, retryAfterMs)
  ])
}

/**
 * Reads an answer without the length in front. A status that is not known is `unknown`. What it says is not looked at.
 *
 * @throws {@link InvalidMessageError} when it is malformed, or says more than an answer may
 */
export function decodeEvidenceAnswer (message: Uint8Array): EvidenceAnswer {
  const [statements, delegations]: [Uint8Array[], Uint8Array[]] = [[], []]
  const answer: EvidenceAnswer = { status: 'unknown', statements, delegations }
  for (const { number, value, bytes } of readFields(message)) {
    if (number === 1 && value !== undefined) answer.status = statuses[value] ?? 'unknown'
    else if (number === 2 && bytes !== undefined) add(statements, bytes, statementBytesMax)
    else if (number === 3 && bytes !== undefined) add(delegations, bytes, delegationBytesMax)
    else if (number === 4 && value !== undefined) answer.retryAfterMs = wholeNumber(value)
  }
  return answer
}

/** A copy: what it is cut from is not kept for it. */
function add (list: Uint8Array[], bytes: Uint8Array, bytesMax: number): void {
  if (list.length >= foundEvidenceMax || bytes.byteLength > bytesMax) {
    throw new InvalidMessageError(`An answer about evidence has more than ${foundEvidenceMax} entries, or one of more than ${bytesMax} bytes`)
  }
  list.push(Uint8Array.from(bytes))
}

function decodeNumber (bytes: Uint8Array): Uint256 {
  const text = fromUtf8(bytes)
  if (isUint256(text)) return text
  throw new InvalidMessageError('A request for evidence names a task by something that is not a number below 2^256')
}

function decodeAddress (bytes: Uint8Array): Address {
  if (bytes.byteLength === addressBytes) return toHex(bytes)
  throw new InvalidMessageError(`An address of ${bytes.byteLength} bytes is in a request for evidence`)
}
