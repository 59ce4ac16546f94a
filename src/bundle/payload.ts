import { InvalidManifestError, LimitExceededError } from '../errors.ts'
import { encodeCanonicalJson } from '../format/canonical-json.ts'
import { manifestBytesMax } from '../limits.ts'
import type { Manifest } from '../interface/manifest.ts'
import type { JsonValue } from '../interface/primitives.ts'

/** Where the JSON files of each kind are. */
export const promptPath = 'prompt.json'
export const configPath = 'config.json'
export const sessionPath = 'session.json'
export const outputPath = 'output.json'

/** JSON files that a handle reads when it is opened: without them, or with others in their place, a bundle is not of its kind. */
export function payloadPaths ({ kind, encryption }: Manifest): string[] {
  switch (kind) {
    case 'task': return [...(encryption === undefined ? [promptPath] : []), configPath, sessionPath]
    case 'result': return encryption === undefined ? [outputPath] : []
    default: return []
  }
}

/**
 * Writes one of these files.
 *
 * @param field - what the host calls it
 * @param isRead - false when no handle reads it, as with what is encrypted
 * @throws {@link InvalidManifestError} when JSON cannot hold the value
 * @throws {@link LimitExceededError} when it is too large to be read when the bundle is opened
 */
export function encodePayload (field: string, value: JsonValue, isRead = true): Uint8Array {
  const bytes = encode(field, value)
  if (!isRead || bytes.byteLength <= manifestBytesMax) return bytes
  throw new LimitExceededError(`${field} has ${bytes.byteLength} bytes as JSON, more than ${manifestBytesMax}: put it into a file`,
    { limit: 'manifestBytesMax', max: manifestBytesMax, actual: bytes.byteLength, field })
}

function encode (field: string, value: JsonValue): Uint8Array {
  try {
    return encodeCanonicalJson(value)
  } catch (cause) {
    if (!(cause instanceof InvalidManifestError)) throw cause
    throw new InvalidManifestError(`${field} cannot be published: ${cause.message}`, { ...cause.details, field, cause })
  }
}
