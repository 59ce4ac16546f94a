/**
 * `/cortensor/dag/1`: blocks of one DAG from a peer that has them, in one round trip.
 *
 * Goals: a whole bundle for one request; every block checked as it comes; an interrupted transfer goes on where it was; one
 * DAG from several peers at once. Not goals: finding who has it; asking for single blocks by their CID.
 *
 * **Framing.** Each message is a protobuf message (messages.proto) behind its length as an unsigned varint in its shortest
 * form. The side that opened the stream sends `Request`s, the other one `Answer`s. A `Request` has at most 4 KiB. An `Answer`
 * has at most 64 KiB; one that is larger consists of the field `data` alone, with at most 4 MiB. An `Answer` with none of its
 * fields is passed over. Fields that are not known are passed over.
 *
 * **Request.** `root` is a binary CID. `from`, `to` and `since` are positions (dag-position.ts) with at most 64 indexes, each
 * at most 8,192; an empty `from` or `since` is the root, an empty `to` is the end. Which blocks they and `mode` mean, and in
 * which order, is in dag-walk.ts. A server that does not know a mode answers `BAD_REQUEST`. When `enoughBytes` is there and not
 * 0, the answer ends, with status `OK`, before the block with which it would have more than so many bytes of blocks, but not
 * before its first one; a server that does not know the field sends everything. `delegation` is one as in delegation.ts, with at
 * most 512 bytes: where it names the client, as the handshake proved it, and counts now, the client may read what its wallet may,
 * from this request on and until the connection ends. One that does not count is passed over.
 *
 * **Answer.** First one `Header`. When its status is not `OK` the answer ends with it. Otherwise `data` follows, any number of
 * times, and then one `End`. The bytes of all `data` fields in a row are one CAR v1 (car.ts) whose header names the requested
 * root, with the blocks of the walk and no others. `End` with a status other than `OK` means that the rest cannot be had here;
 * the CAR may then be cut off after any block.
 *
 * - `OK`: the root may be read by this peer.
 * - `EMBARGOED`: stored, and not served to anyone yet. Said to named readers only.
 * - `NOT_AVAILABLE`: not stored, embargoed, or not for this peer. All three give the same bytes.
 * - `BUSY`: ask again later, after `retryAfterMs` when it is there.
 * - `BAD_REQUEST`: the request is malformed. The server closes the stream after it.
 * - any other value: a refusal.
 *
 * `size` is the number of bytes of all blocks under the root, each counted once, whatever the interval. `access` is what the
 * publisher meant; absent or not known, it is `RESTRICTED`. `statements` are at most 8, at most 1 KiB each, as in
 * statement.ts; `delegations` are at most 8, at most 512 bytes each, as in delegation.ts: of wallets as whose those statements
 * count. Neither are checked by whoever passes them on.
 *
 * **Streams.** The client sends a request after the answer to the one before has ended, as often as it likes. It cancels by
 * resetting the stream, and is done by closing it. Either side may end an idle stream at any time.
 */
import { InvalidMessageError } from '../errors.ts'
import { dagDepthMax, delegationBytesMax, delegationsMax, linksMax, statementBytesMax, statementsMax } from '../limits.ts'
import { decodeBinaryCid } from './binary-cid.ts'
import {
  bytesFieldHeadLength, bytesType, concat, delimited, encodeBytesField, encodeNumberField, encodePackedField,
  encodePresentNumber, readFields, readNumbers, wholeNumber
} from './protobuf.ts'
import { encodeVarint } from './varint.ts'
import type { CID } from 'multiformats/cid'
import type { Access } from '../interface/statement.ts'
import type { DagPosition } from '../interface/transfer.ts'
import type { DagMode } from './dag-walk.ts'
import type { ProtobufField } from './protobuf.ts'

/** Name under which both sides negotiate a stream. */
export const dagProtocol = '/cortensor/dag/1'

/** Field number of `data` in an answer. */
export const dataField = 2

const headerField = 1
const endField = 3
const modes: readonly DagMode[] = ['all', 'inner', 'block', 'leaves']
const statuses = ['unknown', 'ok', 'embargoed', 'not-available', 'busy', 'bad-request'] as const
const accesses = ['unknown', 'anyone', 'restricted'] as const

/** How a server answers. `unknown` is a refusal for a reason of a later version. */
export type DagStatus = typeof statuses[number]

/** What is asked for. */
export interface DagRequest {
  root: CID
  mode: DagMode
  from: DagPosition
  /** The end when absent. */
  to: DagPosition | undefined
  since: DagPosition
  /** Bytes of the blocks that are enough, but for the first one; all of them when absent. */
  enoughBytes?: number
  /** JSON bytes, unchecked: by which the client says that it speaks for a wallet. */
  delegation?: Uint8Array
}

/** The first message of an answer. */
export interface DagHeader {
  status: DagStatus
  size?: number
  access?: Access
  statements?: readonly Uint8Array[]
  /** JSON bytes of each, unchecked. Absent without any. */
  delegations?: readonly Uint8Array[]
  retryAfterMs?: number
}

/** Any message of an answer. */
export type DagAnswer =
  | { type: 'header', header: DagHeader }
  | { type: 'data', bytes: Uint8Array }
  | { type: 'end', status: DagStatus }

/** Writes a request with its length in front. */
export function encodeRequest (request: DagRequest): Uint8Array<ArrayBuffer> {
  const { root, mode, from, to, since, enoughBytes = 0, delegation } = request
  return delimited([
    ...encodeBytesField(1, root.bytes),
    ...encodeNumberField(2, modes.indexOf(mode)),
    ...encodePackedField(3, from),
    ...encodePackedField(4, to ?? []),
    ...encodePackedField(5, since),
    ...encodeNumberField(6, enoughBytes),
    ...(delegation === undefined ? [] : encodeBytesField(7, delegation))
  ])
}

/**
 * Reads a request without the length in front.
 *
 * @throws {@link InvalidMessageError} when it is malformed, or has a mode that is not known
 */
export function decodeRequest (message: Uint8Array): DagRequest {
  let root: CID | undefined
  let mode: DagMode | undefined = 'all'
  const positions: [number[], number[], number[]] = [[], [], []]
  let enoughBytes = 0
  let delegation: Uint8Array | undefined
  for (const field of readFields(message)) {
    if (field.number === 1 && field.bytes !== undefined) root = decodeBinaryCid(field.bytes, 'The root of a request')
    else if (field.number === 2 && field.value !== undefined) mode = modes[field.value]
    else if (field.number === 6 && field.value !== undefined) enoughBytes = wholeNumber(field.value)
    else if (field.number === 7 && field.bytes !== undefined) delegation = copied(field.bytes, 'The delegation of a request', delegationBytesMax)
    else if (field.number >= 3 && field.number <= 5) addIndexes(positions[field.number - 3] ?? [], field)
  }
  if (root === undefined) throw new InvalidMessageError('A request names no root')
  if (mode === undefined) throw new InvalidMessageError('A request has a mode that is not known')
  const [from, to, since] = positions
  const shown = delegation === undefined ? {} : { delegation }
  return { root, mode, from, to: to.length === 0 ? undefined : to, since, ...enoughBytes === 0 ? {} : { enoughBytes }, ...shown }
}

/** Writes a header with its length in front. */
export function encodeHeader (header: DagHeader): Uint8Array<ArrayBuffer> {
  const { status, size, access, statements = [], retryAfterMs, delegations = [] } = header
  const message = concat([
    ...encodeNumberField(1, statuses.indexOf(status)),
    ...(size === undefined ? [] : encodePresentNumber(2, size)),
    ...encodeNumberField(3, access === undefined ? 0 : accesses.indexOf(access)),
    ...statements.flatMap(statement => encodeBytesField(4, statement)),
    ...(retryAfterMs === undefined ? [] : encodePresentNumber(5, retryAfterMs)),
    ...delegations.flatMap(delegation => encodeBytesField(6, delegation))
  ])
  return delimited(encodeBytesField(headerField, message))
}

/** Writes what stands in front of `length` bytes of data, so that they need not be copied. */
export function encodeDataHead (length: number): Uint8Array<ArrayBuffer> {
  const message = bytesFieldHeadLength(dataField, length) + length
  return concat([encodeVarint(message), encodeVarint(dataField * 8 + bytesType), encodeVarint(length)])
}

/** Writes the last message of an answer with its length in front. */
export function encodeEnd (status: DagStatus): Uint8Array<ArrayBuffer> {
  return delimited(encodeBytesField(endField, concat(encodeNumberField(1, statuses.indexOf(status)))))
}

/**
 * Reads an answer without the length in front; undefined when it has none of the fields that are known.
 *
 * @throws {@link InvalidMessageError} when it is malformed
 */
export function decodeAnswer (message: Uint8Array): DagAnswer | undefined {
  let answer: DagAnswer | undefined
  for (const { number, bytes } of readFields(message)) {
    if (bytes === undefined || number > endField) continue
    if (answer !== undefined) throw new InvalidMessageError('An answer has more than one of header, data and end')
    if (number === headerField) answer = { type: 'header', header: decodeHeader(bytes) }
    else if (number === dataField) answer = { type: 'data', bytes }
    else answer = { type: 'end', status: decodeEnd(bytes) }
  }
  return answer
}

function decodeHeader (message: Uint8Array): DagHeader {
  const header: DagHeader = { status: 'unknown', access: 'restricted' }
  const statements: Uint8Array[] = []
  const delegations: Uint8Array[] = []
  for (const { number, value, bytes } of readFields(message)) {
    if (number === 4 && bytes !== undefined) add(statements, bytes, { what: 'statements', max: statementsMax, bytesMax: statementBytesMax })
    if (number === 6 && bytes !== undefined) add(delegations, bytes, { what: 'delegations', max: delegationsMax, bytesMax: delegationBytesMax })
    if (value === undefined) continue
    if (number === 1) header.status = statuses[value] ?? 'unknown'
    else if (number === 2) header.size = wholeNumber(value)
    else if (number === 3) header.access = accesses[value] === 'anyone' ? 'anyone' : 'restricted'
    else if (number === 5) header.retryAfterMs = wholeNumber(value)
  }
  return { ...header, statements, ...delegations.length === 0 ? {} : { delegations } }
}

function decodeEnd (message: Uint8Array): DagStatus {
  let status: DagStatus = 'unknown'
  for (const { number, value } of readFields(message)) {
    if (number === 1 && value !== undefined) status = statuses[value] ?? 'unknown'
  }
  return status
}

function addIndexes (position: number[], field: ProtobufField): void {
  position.push(...readNumbers(field))
  if (position.length > dagDepthMax || position.some(index => index > linksMax)) {
    throw new InvalidMessageError(`A position of a request has more than ${dagDepthMax} indexes, or one above ${linksMax}`)
  }
}

interface ListBounds {
  what: string
  max: number
  bytesMax: number
}

function add (list: Uint8Array[], bytes: Uint8Array, { what, max, bytesMax }: ListBounds): void {
  if (list.length >= max) throw new InvalidMessageError(`A header has more than ${max} ${what}`)
  list.push(copied(bytes, `One of the ${what} of a header`, bytesMax))
}

/** Bytes of a message are those of a buffer that is used again. */
function copied (bytes: Uint8Array, what: string, bytesMax: number): Uint8Array {
  if (bytes.length > bytesMax) throw new InvalidMessageError(`${what} has ${bytes.length} bytes; at most ${bytesMax} are taken`)
  return new Uint8Array(bytes)
}
