/**
 * The manifest of a bundle, `manifest.json`: why the bundle exists. What it holds is said by its DAG.
 *
 * It is a JSON object in canonical form (RFC 8785, see `canonical-json.ts`) of at most 1 MiB. Fields that this page does
 * not name are kept, at every level; a known field that is absent is not there at all, never `null`. Addresses, numbers of
 * contracts, 32 bytes, roots and kinds have the forms of `schema.ts`. There are no times: equal content has an equal CID.
 *
 * ```
 * every kind   format              'cortensor-bundle'
 *              version             '1.0' today; a newer minor version is read as 1.0, another major is refused
 *              kind                'task', 'result', 'dataset', 'evidence' or one to come; never 'unixfs'
 *              encryption?         { scheme, keyId }, both text that is not empty: the payload is ciphertext
 * task         session             { chainId, queue, sessionId }
 *              clientReference?    text
 *              nonce?              32 bytes, see `nonce.ts`
 * result       answers             root of the task bundle
 *              task                { chainId, queue, sessionId, taskId }
 *              miner               address
 *              nonce               32 bytes, see `nonce.ts`
 *              model?              { name, digest? }, both text that is not empty
 * dataset      publisher           address
 *              name                [a-z0-9][a-z0-9._-]{0,99}
 *              datasetVersion      MAJOR.MINOR.PATCH without leading zeros, each at most 15 digits
 *              previous?           root of the version before
 *              chunking?           text that is not empty: how files are cut, where it is not by the import profile
 * evidence     answers             root of the task bundle
 *              task                { chainId, queue, sessionId, taskId }
 * evidence-export
 *              evidence            root of an evidence bundle, see envelope.ts
 *              payload             'none', 'outputs' or 'all': how much of what it links comes with it
 * session-audit
 *              session             { chainId, queue, sessionId }
 * ```
 */
import * as z from 'zod/mini'
import { InvalidManifestError, NewerFormatError } from '../errors.ts'
import { manifestBytesMax } from '../limits.ts'
import type { Manifest } from '../interface/manifest.ts'
import type { JsonValue } from '../interface/primitives.ts'
import { decodeCanonicalJson, encodeCanonicalJson } from './canonical-json.ts'
import { datasetNamePattern, datasetVersionPattern } from './dataset-name.ts'
import { quote } from './quote.ts'
import { address, bytes32, field, kind, problemOf, rootText, text, uint256 } from './schema.ts'

/** The version that this library writes. */
export const manifestVersion = '1.0'

const major = 1

const filled = text(/./s, 'text that is not empty')

const anyText = field((value) => typeof value === 'string', 'text')

const base = z.looseObject({
  format: text(/^cortensor-bundle$/, '"cortensor-bundle"'),
  version: text(/^1\.(?:0|[1-9][0-9]{0,8})$/, 'a version 1.MINOR'),
  kind,
  encryption: z.optional(z.looseObject({ scheme: filled, keyId: filled }))
})

const session = { chainId: uint256, queue: address, sessionId: uint256 }

const task = z.looseObject({ ...session, taskId: uint256 })

const kinds: ReadonlyMap<string, z.ZodMiniType> = new Map<string, z.ZodMiniType>([
  ['task', z.looseObject({
    session: z.looseObject(session),
    clientReference: z.optional(anyText),
    nonce: z.optional(bytes32)
  })],
  ['result', z.looseObject({
    answers: rootText,
    task,
    miner: address,
    nonce: bytes32,
    model: z.optional(z.looseObject({ name: filled, digest: z.optional(filled) }))
  })],
  ['dataset', z.looseObject({
    publisher: address,
    name: text(datasetNamePattern, '1 to 100 of a-z, 0-9, ".", "_" and "-", the first a letter or digit'),
    datasetVersion: text(datasetVersionPattern, 'a version MAJOR.MINOR.PATCH'),
    previous: z.optional(rootText),
    chunking: z.optional(filled)
  })],
  ['evidence', z.looseObject({ answers: rootText, task })],
  ['evidence-export', z.looseObject({
    evidence: rootText,
    payload: text(/^(?:none|outputs|all)$/, '"none", "outputs" or "all"')
  })],
  ['session-audit', z.looseObject({ session: z.looseObject(session) })]
])

/**
 * Writes a manifest. Refuses exactly what {@link decodeManifest} refuses.
 *
 * @throws {@link InvalidManifestError} when a field is missing or not of its form
 * @throws {@link NewerFormatError} when it says another major version
 * @throws {@link LimitExceededError} when it is larger than 1 MiB or nested more than 64 deep
 */
export function encodeManifest (manifest: Manifest): Uint8Array<ArrayBuffer> {
  const bytes = encodeCanonicalJson(manifest as JsonValue)
  decodeManifest(bytes)
  return bytes
}

/**
 * Reads a manifest. Kinds that this version does not know are read with the fields that every kind has.
 *
 * @throws {@link InvalidManifestError} when the bytes are not the canonical form of a manifest
 * @throws {@link NewerFormatError} when it was written in a newer major version
 * @throws {@link LimitExceededError} when it is larger than 1 MiB or nested more than 64 deep
 */
export function decodeManifest (bytes: Uint8Array): Manifest {
  const value = decodeCanonicalJson(bytes, { bytesMax: manifestBytesMax })
  checkVersion(value)
  refuse(problemOf(base, value))
  const manifest = value as unknown as Manifest
  refuse(manifest.kind === 'unixfs' ? 'kind is "unixfs", which is what roots without a manifest are called' : undefined)
  const schema = kinds.get(manifest.kind)
  refuse(schema === undefined ? undefined : problemOf(schema, value))
  return manifest
}

/** Before anything else, so that what a newer version changed is not called an error. */
function checkVersion (value: JsonValue): void {
  const version = value !== null && typeof value === 'object' && !Array.isArray(value) && value['format'] === 'cortensor-bundle'
    ? value['version']
    : undefined
  const [written, writtenMajor = '0'] = typeof version === 'string' ? /^([1-9][0-9]{0,8})\.[0-9]{1,9}$/.exec(version) ?? [] : []
  if (written !== undefined && Number(writtenMajor) > major) {
    throw new NewerFormatError(
      `The manifest is of version ${quote(written)}; this library reads ${major}.x: a newer release of it is needed`, { version: written })
  }
}

function refuse (problem: string | undefined): void {
  if (problem !== undefined) {
    throw new InvalidManifestError(`The manifest is not valid: ${problem}`, { problem })
  }
}
