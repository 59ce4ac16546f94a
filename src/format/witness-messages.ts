/**
 * `/cortensor/witness/1`: what a node says of its log to others that remember it, and what they remember. After C2SP tlog-witness
 * (https://c2sp.org/tlog-witness), over a stream whose ends have proven who they are.
 *
 * Goals: a node that lost the end of its log, or shares its key with another process, finds out before it contradicts itself;
 * whoever follows a log learns its newest checkpoint, and where to fetch it.
 * Not goals: entries and tiles, which go over `/cortensor/dag/1`; cosignatures: a witness answers for itself when it is asked.
 *
 * **Framing.** Each message is a protobuf message (witness-messages.proto) behind its length as an unsigned varint in its
 * shortest form, and has at most 8 KiB. Fields that are not known are passed over.
 *
 * **Stream.** The side that opened it sends one `Request`. The other one sends one `Answer` and closes the stream.
 *
 * **Request.** `checkpoint` is a seen checkpoint (`seen-checkpoint.ts`): an audit key and a note that it signed.
 *
 * - `ASK`: for the newest checkpoint of the log `origin`, and without one of the log of the node that is asked. `checkpoint`,
 *   where it is there, is the newest one that the asker has seen of it.
 * - `ADD`: `checkpoint` is of the sender's own log: the address in its origin is the one that the handshake proved. `oldSize` is
 *   the size that the witness is thought to have, 0 for none, and `proof` the consistency proof from there (RFC 6962): hashes of
 *   32 bytes, one after the other.
 *
 * **Answer.** `time` is the clock of the witness in milliseconds since 1970, in every answer.
 *
 * - `OK`: asked, it is in `checkpoint`, of the node's own log with the root of the bundle that has it as a binary CID in
 *   `trail`, where there is one. Added, it is on the witness's drive.
 * - `NOT_FOUND`: no checkpoint of this log is known (404).
 * - `CONFLICT`: the witness does not have `oldSize`, or has as many entries under another root (409). What it has is in
 *   `checkpoint`, for all to see. Of the node's own log: it contradicts what was seen of it. It is shown as with `OK`.
 * - `INCONSISTENT`: the proof does not lead from the one to the other (422). What the witness has is in `checkpoint`.
 * - `FORBIDDEN`: not signed as it has to be, or not of the sender's own log (403).
 * - `BUSY`: say it again later, after `retryAfterMs` when it is there.
 * - `BAD_REQUEST`: malformed (400).
 * - any other value: a refusal.
 */
import { InvalidMessageError } from '../errors.ts'
import { proofHashesMax, seenCheckpointBytesMax, witnessMessageBytesMax } from '../limits.ts'
import type { WitnessAnswer, WitnessRequest, WitnessStatus } from '../interface/witness.ts'
import { isAuditOrigin } from './audit-origin.ts'
import { decodeBinaryRoot } from './binary-cid.ts'
import type { MessageBound } from './delimited-reader.ts'
import { concat, delimited, encodeBytesField, encodeNumberField, encodePresentNumber, readFields, wholeNumber } from './protobuf.ts'
import { fromUtf8, toUtf8 } from './utf8.ts'

/** Name under which both sides negotiate a stream. */
export const witnessProtocol = '/cortensor/witness/1'

/** How large its messages may be. */
export const witnessBound: MessageBound = { bytesMax: witnessMessageBytesMax, limit: 'witnessMessageBytesMax' }

const ask = 1
const add = 2
const hashBytes = 32
const statuses: readonly WitnessStatus[] = ['unknown', 'ok', 'not-found', 'conflict', 'inconsistent', 'forbidden', 'busy', 'bad-request']

/** Writes a request with its length in front. */
export function encodeWitnessRequest (request: WitnessRequest): Uint8Array<ArrayBuffer> {
  if (request.op === 'add') {
    const { checkpoint, oldSize, proof } = request
    return delimited([
      ...encodeNumberField(1, add), ...encodeBytesField(3, checkpoint), ...encodeNumberField(4, oldSize),
      ...proof.length === 0 ? [] : encodeBytesField(5, concat(proof))
    ])
  }
  const { origin, checkpoint } = request
  return delimited([
    ...encodeNumberField(1, ask),
    ...origin === undefined ? [] : encodeBytesField(2, toUtf8(origin)),
    ...checkpoint === undefined ? [] : encodeBytesField(3, checkpoint)
  ])
}

/** Fields of a request as they stand there. */
interface RequestFields {
  op: number
  origin?: string
  checkpoint?: Uint8Array
  oldSize: number
  proof: Uint8Array[]
}

/**
 * Reads a request without the length in front.
 *
 * @throws {@link InvalidMessageError} when it is malformed
 */
export function decodeWitnessRequest (message: Uint8Array): WitnessRequest {
  const fields: RequestFields = { op: 0, oldSize: 0, proof: [] }
  for (const { number, value, bytes } of readFields(message)) {
    if (number === 1 && value !== undefined) fields.op = value
    else if (number === 2 && bytes !== undefined) fields.origin = decodeOrigin(bytes)
    else if (number === 3 && bytes !== undefined) fields.checkpoint = bounded(bytes)
    else if (number === 4 && value !== undefined) fields.oldSize = wholeNumber(value)
    else if (number === 5 && bytes !== undefined) fields.proof = decodeProof(bytes)
  }
  const { op, origin, checkpoint, oldSize, proof } = fields
  if (op === ask) return { op: 'ask', ...origin === undefined ? {} : { origin }, ...checkpoint === undefined ? {} : { checkpoint } }
  if (op !== add || checkpoint === undefined) throw new InvalidMessageError('A request to a witness neither asks nor adds a checkpoint')
  return { op: 'add', checkpoint, oldSize, proof }
}

/** Writes an answer with its length in front. */
export function encodeWitnessAnswer ({ status, time, checkpoint, trail, retryAfterMs }: WitnessAnswer): Uint8Array<ArrayBuffer> {
  return delimited([
    ...encodeNumberField(1, statuses.indexOf(status)),
    ...encodeNumberField(2, time),
    ...checkpoint === undefined ? [] : encodeBytesField(3, checkpoint),
    ...trail === undefined ? [] : encodeBytesField(4, trail.bytes),
    ...retryAfterMs === undefined ? [] : encodePresentNumber(5, retryAfterMs)
  ])
}

/**
 * Reads an answer without the length in front. A status that is not known is `unknown`.
 *
 * @throws {@link InvalidMessageError} when it is malformed
 */
export function decodeWitnessAnswer (message: Uint8Array): WitnessAnswer {
  const answer: WitnessAnswer = { status: 'unknown', time: 0 }
  for (const { number, value, bytes } of readFields(message)) {
    if (number === 1 && value !== undefined) answer.status = statuses[value] ?? 'unknown'
    else if (number === 2 && value !== undefined) answer.time = wholeNumber(value)
    else if (number === 3 && bytes !== undefined) answer.checkpoint = bounded(bytes)
    else if (number === 4 && bytes !== undefined) answer.trail = decodeBinaryRoot(bytes, 'The root of a trail')
    else if (number === 5 && value !== undefined) answer.retryAfterMs = wholeNumber(value)
  }
  return answer
}

function decodeOrigin (bytes: Uint8Array): string {
  const origin = fromUtf8(bytes)
  if (isAuditOrigin(origin)) return origin
  throw new InvalidMessageError('A witness is asked for something that is not the log of a node')
}

/** A copy: what it is cut from is not kept for it. */
function bounded (bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength <= seenCheckpointBytesMax) return Uint8Array.from(bytes)
  throw new InvalidMessageError(`A checkpoint has ${bytes.byteLength} bytes; at most ${seenCheckpointBytesMax} are sent to a witness`)
}

function decodeProof (bytes: Uint8Array): Uint8Array[] {
  const count = bytes.byteLength / hashBytes
  if (!Number.isInteger(count) || count > proofHashesMax) {
    throw new InvalidMessageError(`${bytes.byteLength} bytes are not a consistency proof: up to ${proofHashesMax} hashes of ${hashBytes} bytes`)
  }
  return Array.from({ length: count }, (_, at) => Uint8Array.from(bytes.subarray(at * hashBytes, (at + 1) * hashBytes)))
}
