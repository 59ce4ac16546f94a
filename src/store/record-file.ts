/**
 * The record of a bundle, as it is in its file: JSON in the canonical form of RFC 8785.
 *
 * ```
 * { format: 'cortensor-record', version: 2, revision, root, kind, origin, readers, readersLost?, embargoed, revealAt?, links?,
 *   holds, statements, delegations?, task?, session?, answers?, storedAt, bytes, blocks, carBlocks }
 * ```
 *
 * A function that decides who may read cannot be kept: in its place stand an empty list and `readersLost: true`, which means
 * nothing beside any other readers.
 *
 * `bytes` and `blocks` count every block under the root once. `carBlocks` of them are in the bundle's own CAR; when it is 0
 * there is none. The others have files of their own or belong to bundles that this one links. Unknown members are
 * kept when the record changes.
 *
 * Records of version 1 have `held`, a boolean, in place of `holds`; what is held in them is held until it is released.
 */
import { CID } from 'multiformats/cid'
import { LimitExceededError, NewerFormatError, StorageError } from '../errors.ts'
import { encodeCanonicalJson } from '../format/canonical-json.ts'
import { jsonDepthMax, recordBytesMax } from '../limits.ts'
import { checkJsonDepth } from '../format/json-value.ts'
import type { Readers } from '../interface/bundle.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { Hold } from '../interface/hold.ts'
import type { JsonObject, JsonValue } from '../interface/primitives.ts'
import type { StoredBundle } from '../interface/store.ts'
import { defaultOwner } from './holds.ts'
import { rootText } from './paths.ts'

/** What the store keeps of a bundle. */
export interface RecordFile {
  bundle: StoredBundle
  revision: number
  /** Blocks in the bundle's own CAR; without any there is no CAR. */
  carBlocks: number
  /** Older revisions whose files could not be removed. Not in the file. */
  stale?: readonly number[]
  /** Members that this release does not know. */
  unknown: JsonObject
}

const format = 'cortensor-record'
const version = 2
const known = ['format', 'version', 'revision', 'root', 'kind', 'origin', 'readers', 'readersLost', 'embargoed', 'revealAt',
  'links', 'held', 'holds', 'statements', 'delegations', 'task', 'session', 'answers', 'storedAt', 'bytes', 'blocks', 'carBlocks']

/** Writes a record. @throws {@link LimitExceededError} when it is larger than a record may be */
export function encodeRecord ({ bundle, revision, carBlocks, unknown }: RecordFile): Uint8Array {
  const { root, kind, origin, readers, embargoed, revealAt, holds, statements, task, session, storedAt, bytes, blocks } = bundle
  const isRule = typeof readers === 'function'
  const plain = {
    kind, origin, embargoed, revealAt, holds, statements, task, session, storedAt, bytes, blocks,
    delegations: bundle.delegations,
    readers: isRule ? [] : readers,
    readersLost: isRule || bundle.readersLost === true ? true : undefined,
    links: bundle.links?.map(String),
    answers: bundle.answers?.toString()
  }
  const own = { format, version, revision, carBlocks, root: rootText(root) }
  const encoded = encodeCanonicalJson({ ...unknown, ...asJson(plain), ...own })
  if (encoded.byteLength <= recordBytesMax) return encoded
  throw new LimitExceededError(`The record of ${root.toString()} has ${encoded.byteLength} bytes; at most ${recordBytesMax} are kept`,
    { limit: 'recordBytesMax', max: recordBytesMax, actual: encoded.byteLength })
}

/**
 * Reads a record.
 *
 * @throws {@link StorageError} when it is not one
 * @throws {@link NewerFormatError} when a newer release wrote it
 */
export function decodeRecord (bytes: Uint8Array): RecordFile {
  const value = parse(bytes)
  if (value['format'] !== format || typeof value['version'] !== 'number') throw malformed('format')
  if (value['version'] > version) {
    throw new NewerFormatError(`A record has version ${value['version']}; this release reads ${version}`, { version: value['version'] })
  }
  const { storedAt, bytes: blockBytes, blocks, revision, carBlocks, answers } = value
  if (!isCount(storedAt) || !isCount(blockBytes) || !isCount(blocks) || !isCount(revision) || !isCount(carBlocks)) {
    throw malformed('numbers')
  }
  const bundle = {
    ...decodeState(value),
    ...decodeTask(value),
    ...answers === undefined ? {} : { answers: decodeRoot(answers) },
    root: decodeRoot(value['root']),
    storedAt,
    bytes: blockBytes,
    blocks
  }
  const unknown = Object.fromEntries(Object.entries(value).filter(([name]) => !known.includes(name)))
  return { bundle, revision, carBlocks, unknown }
}

function parse (bytes: Uint8Array): JsonObject {
  if (bytes.byteLength > recordBytesMax) throw malformed('size')
  try {
    checkJsonDepth(bytes, jsonDepthMax)
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as JsonValue
    if (isObject(value)) return value
  } catch (cause) {
    throw malformed('JSON', cause)
  }
  throw malformed('JSON')
}

function decodeState (value: JsonObject): Pick<StoredBundle, 'kind' | 'origin' | 'holds' | 'statements' | 'delegations'> & Access {
  const { kind, origin, statements, delegations } = value
  if (typeof kind !== 'string' || (origin !== 'published' && origin !== 'fetched')) throw malformed('kind or origin')
  if (!Array.isArray(statements) || !statements.every(isSigned)) throw malformed('statements')
  // Statements were checked when they were taken; whoever needs the signature again checks it again.
  return {
    kind,
    origin,
    ...decodeAccess(value),
    holds: decodeHolds(value),
    statements: statements as unknown as StoredBundle['statements'],
    ...delegations === undefined ? {} : { delegations: decodeDelegations(delegations) }
  }
}

type Access = Pick<StoredBundle, 'readers' | 'readersLost' | 'embargoed' | 'revealAt' | 'links'>

function decodeAccess ({ readers, readersLost, embargoed, revealAt, links }: JsonObject): Access {
  if (typeof embargoed !== 'boolean' || !isReaders(readers)) throw malformed('access')
  if (revealAt !== undefined && !isCount(revealAt)) throw malformed('access')
  if (links !== undefined && !Array.isArray(links)) throw malformed('links')
  return {
    readers,
    embargoed,
    ...readersLost === true && readers.length === 0 ? { readersLost } : {},
    ...revealAt === undefined ? {} : { revealAt },
    ...links === undefined ? {} : { links: links.map(decodeRoot) }
  }
}

function decodeDelegations (delegations: JsonValue): SignedDelegation[] {
  if (!Array.isArray(delegations) || !delegations.every(isDelegation)) throw malformed('delegations')
  return delegations as unknown as SignedDelegation[]
}

function decodeHolds ({ version, held, holds }: JsonObject): Hold[] {
  if (version === 1) {
    if (typeof held !== 'boolean') throw malformed('holds')
    return held ? [{ owner: defaultOwner }] : []
  }
  if (!Array.isArray(holds) || !holds.every(isHold)) throw malformed('holds')
  return holds as unknown as Hold[]
}

function decodeTask ({ task, session }: JsonObject): Pick<StoredBundle, 'task' | 'session'> {
  if (task !== undefined && !isReference(task, ['chainId', 'queue', 'sessionId', 'taskId'])) throw malformed('task')
  if (session !== undefined && !isReference(session, ['chainId', 'queue', 'sessionId'])) throw malformed('session')
  return {
    ...task === undefined ? {} : { task: task as unknown as NonNullable<StoredBundle['task']> },
    ...session === undefined ? {} : { session: session as unknown as NonNullable<StoredBundle['session']> }
  }
}

function decodeRoot (value: JsonValue | undefined): CID {
  if (typeof value !== 'string' || value.length > 128) throw malformed('root')
  try {
    return CID.parse(value)
  } catch (cause) {
    throw malformed('root', cause)
  }
}

function isObject (value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount (value: JsonValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isReaders (value: JsonValue | undefined): value is Readers & JsonValue {
  return value === 'anyone' || (Array.isArray(value) && value.every(one => typeof one === 'string' && /^0x[0-9a-f]{40}$/.test(one)))
}

function isSigned (value: JsonValue): boolean {
  return isObject(value) && isObject(value['statement']) && typeof value['signer'] === 'string'
}

function isDelegation (value: JsonValue): boolean {
  return isObject(value) && isObject(value['delegation']) && typeof value['wallet'] === 'string'
}

function isHold (value: JsonValue): boolean {
  return isObject(value) && typeof value['owner'] === 'string' && (value['until'] === undefined || isCount(value['until']))
}

function isReference (value: JsonValue, names: readonly string[]): boolean {
  return isObject(value) && names.every(name => typeof value[name] === 'string')
}

/** Drops members that are undefined, as JSON does, and copies the rest. */
function asJson (value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject
}

function malformed (what: string, cause?: unknown): StorageError {
  return new StorageError(`A record of the repository cannot be read: its ${what} ${what.endsWith('s') ? 'are' : 'is'} not right`, { what, cause })
}
