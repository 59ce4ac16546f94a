/**
 * `/cortensor/dataset/1`: asks a node which versions of a dataset it has.
 *
 * Goals: whoever knows a publisher's address and the name of a dataset finds its versions with any node that has them, also
 * when the publisher is gone. Not goals: sending blocks, which go over `/cortensor/dag/1`; search.
 *
 * **Framing.** Each message is a protobuf message (dataset-messages.proto) behind its length as an unsigned varint in its
 * shortest form. A query has at most 1 KiB, an answer at most 512 KiB. Fields that are not known are passed over.
 *
 * **Stream.** The side that opened it sends one `Query`. The other one sends one `Answer` and closes the stream.
 *
 * **Query.** `publisher` is the address, 20 bytes; `name` and `version` have the forms of `dataset-name.ts`. Without
 * `version` all versions are meant.
 *
 * **Answer.** Of the versions that are whole on the node's disk, signed by the publisher, and that the asking peer may read: at
 * most 256, those with the greatest numbers, the greatest first. `root` is the binary CID, `statement` the publisher's
 * (`statement.ts`), or that of a node that spoke for it, with the `delegation` (`delegation.ts`) by which it did. That a version
 * is not in an answer says nothing. `version` is a hint until the manifest was read: the statement signs the root, and the root
 * commits to the manifest. `BUSY`: ask again later. Any other status is a refusal.
 */
import { InvalidMessageError } from '../errors.ts'
import { datasetAnswerVersionsMax, delegationBytesMax, statementBytesMax } from '../limits.ts'
import type { VersionAnswer, VersionQuery, VersionsAnswer } from '../interface/dataset-lookup.ts'
import type { CID } from 'multiformats/cid'
import { decodeBinaryCid } from './binary-cid.ts'
import { formatDatasetName, parseDatasetName } from './dataset-name.ts'
import { asRootCid } from './digest.ts'
import { fromHex, toHex } from './hex.ts'
import { delimited, concat, encodeBytesField, encodeNumberField, readFields } from './protobuf.ts'

/** Name under which both sides negotiate a stream. */
export const datasetProtocol = '/cortensor/dataset/1'

const statuses: readonly VersionsAnswer['status'][] = ['unknown', 'ok', 'busy', 'bad-request']

const text = new TextEncoder()

/** Writes a query with its length in front. */
export function encodeVersionQuery ({ publisher, name, version = '' }: VersionQuery): Uint8Array<ArrayBuffer> {
  return delimited([
    ...encodeBytesField(1, fromHex(publisher)),
    ...encodeBytesField(2, text.encode(name)),
    ...(version === '' ? [] : encodeBytesField(3, text.encode(version)))
  ])
}

/**
 * Reads a query without the length in front.
 *
 * @throws {@link InvalidMessageError} when it is malformed
 */
export function decodeVersionQuery (message: Uint8Array): VersionQuery {
  let publisher: Uint8Array = new Uint8Array()
  let name = ''
  let version = ''
  for (const { number, bytes } of readFields(message)) {
    if (number === 1 && bytes !== undefined) publisher = bytes
    else if (number === 2 && bytes !== undefined) name = decodeText(bytes)
    else if (number === 3 && bytes !== undefined) version = decodeText(bytes)
  }
  const written = formatDatasetName({ publisher: toHex(publisher), name, ...(version === '' ? {} : { version }) })
  const query = parseDatasetName(written)
  if (query === undefined) throw new InvalidMessageError('A query names no dataset')
  return query
}

/** Writes an answer with its length in front. */
export function encodeVersionsAnswer ({ status, versions }: VersionsAnswer): Uint8Array<ArrayBuffer> {
  return delimited([
    ...encodeNumberField(1, statuses.indexOf(status)),
    ...versions.slice(0, datasetAnswerVersionsMax).flatMap(version => encodeBytesField(2, encodeVersion(version)))
  ])
}

function encodeVersion ({ root, version, statement, delegation }: VersionAnswer): Uint8Array<ArrayBuffer> {
  return concat([
    ...encodeBytesField(1, root.bytes),
    ...encodeBytesField(2, text.encode(version)),
    ...encodeBytesField(3, statement),
    ...(delegation === undefined ? [] : encodeBytesField(4, delegation))
  ])
}

/**
 * Reads an answer without the length in front. Statements are not looked at.
 *
 * @throws {@link InvalidMessageError} when it is malformed
 */
export function decodeVersionsAnswer (message: Uint8Array): VersionsAnswer {
  let status: VersionsAnswer['status'] = 'unknown'
  const versions: VersionAnswer[] = []
  for (const { number, value, bytes } of readFields(message)) {
    if (number === 1 && value !== undefined) status = statuses[value] ?? 'unknown'
    else if (number === 2 && bytes !== undefined) versions.push(decodeVersion(bytes))
    if (versions.length > datasetAnswerVersionsMax) throw new InvalidMessageError(`An answer has more than ${datasetAnswerVersionsMax} versions`)
  }
  return { status, versions }
}

function decodeVersion (message: Uint8Array): VersionAnswer {
  let root: CID | undefined
  let version = ''
  let statement: Uint8Array = new Uint8Array()
  let delegation: Uint8Array | undefined
  for (const { number, bytes } of readFields(message)) {
    if (number === 1 && bytes !== undefined) root = decodeRoot(bytes)
    else if (number === 2 && bytes !== undefined) version = decodeText(bytes)
    else if (number === 3 && bytes !== undefined) statement = bytes
    else if (number === 4 && bytes !== undefined) delegation = bytes
  }
  if (root === undefined) throw new InvalidMessageError('A version lacks its root')
  if (parseDatasetName(`0x${'0'.repeat(40)}/x@${version}`)?.version === undefined) throw new InvalidMessageError('A version has a number that is none')
  if (statement.length > statementBytesMax) throw new InvalidMessageError('The statement of a version is too long')
  if (delegation !== undefined && delegation.length > delegationBytesMax) throw new InvalidMessageError('The delegation of a version is too long')
  return { root, version, statement, ...(delegation === undefined ? {} : { delegation }) }
}

function decodeRoot (bytes: Uint8Array): CID {
  try {
    return asRootCid(decodeBinaryCid(bytes, 'The root of a version'))
  } catch (cause) {
    throw new InvalidMessageError('The root of a version is not the root of a bundle', { cause })
  }
}

function decodeText (bytes: Uint8Array): string {
  if (bytes.length > 128) throw new InvalidMessageError('A name or version in a message is too long')
  return new TextDecoder().decode(bytes)
}
