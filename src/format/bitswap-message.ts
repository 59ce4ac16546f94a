/**
 * `/ipfs/bitswap/1.2.0`: single blocks by their CIDs, for peers that do not speak `/cortensor/dag/1`.
 * https://specs.ipfs.tech/bitswap-protocol/
 *
 * **Framing.** Each message is a protobuf message behind its length as an unsigned varint. A stream carries any number of
 * messages in one direction, from the side that opened it; what answers them comes on streams of the other side, in any order.
 *
 * ```
 * message Message {
 *   message Wantlist {
 *     enum WantType { Block = 0; Have = 1; }
 *     message Entry {
 *       bytes block = 1;           // a binary CID
 *       int32 priority = 2;
 *       bool cancel = 3;
 *       WantType wantType = 4;
 *       bool sendDontHave = 5;
 *     }
 *     repeated Entry entries = 1;
 *     bool full = 2;               // these wants take the place of all that came before
 *   }
 *   message Block {
 *     bytes prefix = 1;            // a CID without its digest: version, codec, hash function and digest length as varints
 *     bytes data = 2;
 *   }
 *   enum BlockPresenceType { Have = 0; DontHave = 1; }
 *   message BlockPresence {
 *     bytes cid = 1;
 *     BlockPresenceType type = 2;
 *   }
 *   Wantlist wantlist = 1;
 *   repeated Block payload = 3;
 *   repeated BlockPresence blockPresences = 4;
 *   int32 pendingBytes = 5;
 * }
 * ```
 *
 * **As written here.** The priority of every want is 1; what is to be answered first stands first. `pendingBytes` is absent.
 * `full` is never set. A want and its cancel never stand in one message, which Kubo and Helia read differently.
 *
 * **As read here.** Wants are answered in the order in which they come. Their priority is passed over, and so are field 2, which
 * has blocks of version 1.0 without a prefix, and fields that are not known. A message has at most 4 MiB, and the data of a block
 * at most 2 MiB. An entry or presence of more than 256 bytes is passed over: only a CID that holds its block itself is so long.
 */
import { CID } from 'multiformats/cid'
import { InvalidMessageError } from '../errors.ts'
import { toHex } from './hex.ts'
import { bytesType, concat, encodeBytesField, encodeNumberField, readFields } from './protobuf.ts'
import { encodeVarint } from './varint.ts'

/** Name under which both sides negotiate a stream. */
export const bitswapProtocol = '/ipfs/bitswap/1.2.0'

/** Field numbers of a message, of its want list and of its blocks. */
export const bitswapFields = { wants: 1, entry: 1, full: 2, payload: 3, prefix: 1, data: 2, presence: 4 } as const

const sha256Code = 0x12
const sha256Bytes = 32

/** One entry of a want list: a question for a block, a question whether it is there, or the end of either. */
export interface BitswapWant {
  cid: CID
  kind: 'block' | 'have' | 'cancel'
  /** Whether it is to be said when the block is not there. */
  sendDontHave: boolean
}

/** Whether a block is there. */
export interface BitswapPresence {
  cid: CID
  has: boolean
}

/** A block, and what it hashes to. */
export interface BitswapBlock {
  cid: CID
  bytes: Uint8Array
}

/** What is written in one message. */
export interface BitswapMessage {
  wants?: readonly BitswapWant[]
  blocks?: readonly BitswapBlock[]
  presences?: readonly BitswapPresence[]
}

/** Writes a message with its length in front, as parts to be sent one behind the other. The bytes of blocks are not copied. */
export function encodeBitswapMessage ({ wants = [], blocks = [], presences = [] }: BitswapMessage): Uint8Array[] {
  const list = concat(wants.flatMap(want => encodeBytesField(bitswapFields.entry, encodeWant(want))))
  const parts = [
    ...(wants.length === 0 ? [] : encodeBytesField(bitswapFields.wants, list)),
    ...blocks.flatMap(encodeBlock),
    ...presences.flatMap(presence => encodeBytesField(bitswapFields.presence, encodePresence(presence)))
  ]
  return [encodeVarint(parts.reduce((sum, { length }) => sum + length, 0)), ...parts]
}

/**
 * Reads an entry of a want list.
 *
 * @throws {@link InvalidMessageError} when it is malformed
 */
export function decodeWant (bytes: Uint8Array): BitswapWant {
  let cid: CID | undefined
  let [isCancel, isHave, sendDontHave] = [false, false, false]
  for (const field of readFields(bytes)) {
    if (field.number === 1 && field.bytes !== undefined) cid = decodeCid(field.bytes)
    else if (field.number === 3) isCancel = isSet(field.value)
    else if (field.number === 4) isHave = isSet(field.value)
    else if (field.number === 5) sendDontHave = isSet(field.value)
  }
  if (cid === undefined) throw new InvalidMessageError('A want names no block')
  return { cid, kind: isCancel ? 'cancel' : isHave ? 'have' : 'block', sendDontHave }
}

/**
 * Reads a presence.
 *
 * @throws {@link InvalidMessageError} when it is malformed
 */
export function decodePresence (bytes: Uint8Array): BitswapPresence {
  let cid: CID | undefined
  let has = true
  for (const field of readFields(bytes)) {
    if (field.number === 1 && field.bytes !== undefined) cid = decodeCid(field.bytes)
    else if (field.number === 2) has = !isSet(field.value)
  }
  if (cid === undefined) throw new InvalidMessageError('A presence names no block')
  return { cid, has }
}

/** True for the one hash function of blocks that are asked for and served. An identity CID would be whatever a peer says. */
export function isWholeSha256 ({ multihash }: CID): boolean {
  return multihash.code === sha256Code && multihash.size === sha256Bytes
}

/** What stands before the digest in a CID. In that of version 0 it is implied, and is written here all the same. */
export function prefixOf ({ version, code, multihash }: CID): Uint8Array<ArrayBuffer> {
  return concat([version, code, multihash.code, multihash.size].map(encodeVarint))
}

/** Names a block by its prefix and digest: the same for two CIDs only if they are equal. */
export function blockName (prefix: Uint8Array, digest: Uint8Array): string {
  return toHex(concat([prefix, digest]))
}

function encodeWant ({ cid, kind, sendDontHave }: BitswapWant): Uint8Array<ArrayBuffer> {
  return concat([
    ...encodeBytesField(1, cid.bytes),
    ...encodeNumberField(2, 1),
    ...encodeNumberField(3, kind === 'cancel' ? 1 : 0),
    ...encodeNumberField(4, kind === 'have' ? 1 : 0),
    ...encodeNumberField(5, sendDontHave ? 1 : 0)
  ])
}

function encodePresence ({ cid, has }: BitswapPresence): Uint8Array<ArrayBuffer> {
  return concat([...encodeBytesField(1, cid.bytes), ...encodeNumberField(2, has ? 0 : 1)])
}

function encodeBlock ({ cid, bytes }: BitswapBlock): Uint8Array[] {
  const { payload, prefix, data } = bitswapFields
  const head = concat([...encodeBytesField(prefix, prefixOf(cid)), ...bytesFieldHead(data, bytes.length)])
  return [...bytesFieldHead(payload, head.length + bytes.length), head, bytes]
}

function bytesFieldHead (number: number, length: number): Uint8Array[] {
  return [encodeVarint(number * 8 + bytesType), encodeVarint(length)]
}

function decodeCid (bytes: Uint8Array): CID {
  try {
    return CID.decode(bytes)
  } catch (cause) {
    throw new InvalidMessageError('A bitswap message names a block by what is not a CID', { cause })
  }
}

function isSet (value: number | undefined): boolean {
  return value !== undefined && value !== 0
}
