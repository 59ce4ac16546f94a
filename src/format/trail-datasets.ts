/**
 * `datasets.json` in the bundle of a trail: the newest versions of datasets that anyone may read and whose statements are entries
 * of the log. By it a dataset is found by its name where its publisher is gone, by whoever has the trail. An entry of the log is
 * a digest and names nothing; here is what it is the digest of.
 *
 * It is a JSON object in canonical form (RFC 8785, see `canonical-json.ts`) of at most 1 MiB, with these fields and no others, in
 * the forms of `schema.ts`. What is absent is not there at all, never `null`.
 *
 * ```
 * format      'cortensor-trail-datasets'
 * version     '1'
 * versions    at most 512:
 *   publisher   address
 *   name        of the dataset, as `dataset-name.ts` has it
 *   version     MAJOR.MINOR.PATCH, as `dataset-name.ts` has it
 *   statement   as `statement.ts` writes it, as an object
 *   delegation? as `delegation.ts` writes it, as an object: where the signer of the statement spoke for the publisher
 * ```
 *
 * Only the statements are signed. A reader counts those that the log has; which name and number a root has is in its manifest.
 */
import * as z from 'zod/mini'
import { InvalidManifestError } from '../errors.ts'
import { trailDatasetsBytesMax, trailDatasetsMax } from '../limits.ts'
import type { NamedVersion } from '../interface/dataset-trail.ts'
import type { JsonValue } from '../interface/primitives.ts'
import { encodeCanonicalJson } from './canonical-json.ts'
import { datasetNamePattern, datasetVersionPattern } from './dataset-name.ts'
import { decodeDelegation, encodeDelegation } from './delegation.ts'
import { decodeRecord, encodeRecord, recordFormat, recordJson, refuseInvalid } from './json-record.ts'
import { address, text } from './schema.ts'
import { decodeStatement, statementJson } from './statement.ts'

const record = recordFormat({
  what: 'list of datasets',
  format: 'cortensor-trail-datasets',
  version: '1',
  fields: {
    versions: z.array(z.strictObject({
      publisher: address,
      name: text(datasetNamePattern, 'the name of a dataset'),
      version: text(datasetVersionPattern, 'MAJOR.MINOR.PATCH'),
      statement: z.looseObject({}),
      delegation: z.optional(z.looseObject({}))
    })).check(z.maxLength(trailDatasetsMax))
  },
  bytesMax: trailDatasetsBytesMax,
  invalid: (message, details) => new InvalidManifestError(message, details)
})

/**
 * Writes a list. Refuses exactly what {@link decodeTrailDatasets} refuses.
 *
 * @throws {@link InvalidManifestError} when a field is missing or not of its form, or there are too many
 */
export function encodeTrailDatasets (versions: readonly NamedVersion[]): Uint8Array<ArrayBuffer> {
  return encodeRecord(record, {
    versions: versions.map(({ statement, delegation, ...version }) => ({
      ...version,
      statement: statementJson(statement),
      ...(delegation === undefined ? {} : { delegation: recordJson(encodeDelegation(delegation)) })
    }))
  })
}

/**
 * Reads a list. No signature is checked.
 *
 * @throws {@link InvalidManifestError} when the bytes are not the canonical form of one
 * @throws {@link NewerFormatError} when it was written in a newer version
 * @throws {@link LimitExceededError} when it has more than 1 MiB
 */
export function decodeTrailDatasets (bytes: Uint8Array): NamedVersion[] {
  const { versions } = decodeRecord(record, bytes) as unknown as { versions: (Omit<NamedVersion, 'statement' | 'delegation'> & Record<string, JsonValue>)[] }
  return refuseInvalid(record, () => versions.map(({ publisher, name, version, statement, delegation }) => ({
    publisher,
    name,
    version,
    statement: decodeStatement(encodeCanonicalJson(statement ?? null)),
    ...(delegation === undefined ? {} : { delegation: decodeDelegation(encodeCanonicalJson(delegation)) })
  })))
}
