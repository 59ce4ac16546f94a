/**
 * `provenance.json` of a dataset: which results made which parts of it. Results are signed by the miners themselves, so that
 * a cheater's rows can be found in every version and left out of the next one.
 *
 * It is a JSON object in canonical form (RFC 8785, see `canonical-json.ts`) of at most 64 MiB, with these fields and no others,
 * in the forms of `schema.ts`. What is absent is not there at all, never `null`.
 *
 * ```
 * format      'cortensor-provenance'
 * version     '1'
 * results     the results, each root once:
 *   root        root of the result bundle
 *   answers     root of the task bundle
 *   task        { chainId, queue, sessionId, taskId }
 *   miner       address
 *   model?      { name, digest? }, both text that is not empty
 *   statement?  what the miner signed, as `statement.ts` writes it, as an object
 * files       the files, each path once, in the order of their paths:
 *   path        from the root of the bundle
 *   results     indexes into `results`, ascending, at least one
 *   rowGroups?  for each row group its indexes into `results`, in the same form; each is in `results` of the file
 *   linked?     { result, path }: the file is the one at `path` of the result with that index, unchanged
 * ```
 */
import * as z from 'zod/mini'
import { InvalidProvenanceError } from '../errors.ts'
import { provenanceBytesMax } from '../limits.ts'
import type { JsonValue } from '../interface/primitives.ts'
import type { Provenance, ProvenanceFile, ProvenanceResult } from '../interface/provenance.ts'
import { encodeCanonicalJson } from './canonical-json.ts'
import { decodeRecord, encodeRecord, recordFormat, refuseInvalid } from './json-record.ts'
import { address, field, rootText, uint256 } from './schema.ts'
import { decodeStatement, statementJson } from './statement.ts'

const filled = field((value) => typeof value === 'string' && value !== '', 'text that is not empty')
const index = field((value) => Number.isSafeInteger(value) && Number(value) >= 0, 'an index')
const indexes = field(isAscending, 'a list of ascending indexes')

const record = recordFormat({
  what: 'provenance',
  format: 'cortensor-provenance',
  version: '1',
  fields: {
    results: z.array(z.strictObject({
      root: rootText,
      answers: rootText,
      task: z.strictObject({ chainId: uint256, queue: address, sessionId: uint256, taskId: uint256 }),
      miner: address,
      model: z.optional(z.strictObject({ name: filled, digest: z.optional(filled) })),
      statement: z.optional(z.looseObject({}))
    })),
    files: z.array(z.strictObject({
      path: filled,
      results: indexes,
      rowGroups: z.optional(z.array(indexes)),
      linked: z.optional(z.strictObject({ result: index, path: filled }))
    }))
  },
  bytesMax: provenanceBytesMax,
  invalid: (message, details) => new InvalidProvenanceError(message, details)
})

/** As it stands in the file. */
interface ProvenanceJson {
  results: (Omit<ProvenanceResult, 'statement'> & { statement?: JsonValue })[]
  files: ProvenanceFile[]
}

/**
 * Writes a provenance. Refuses exactly what {@link decodeProvenance} refuses.
 *
 * @throws {@link InvalidProvenanceError} when a field is missing or not of its form, or an index names no result
 * @throws {@link LimitExceededError} when it has more than 64 MiB
 */
export function encodeProvenance ({ results, files }: Provenance): Uint8Array<ArrayBuffer> {
  const bytes = encodeRecord(record, {
    results: results.map(({ statement, ...result }) =>
      ({ ...result, ...(statement === undefined ? {} : { statement: statementJson(statement) }) })),
    files
  })
  decodeProvenance(bytes)
  return bytes
}

/**
 * Reads a provenance. Signatures of statements are not checked: see {@link verifyStatement}.
 *
 * @throws {@link InvalidProvenanceError} when the bytes are not the canonical form of one
 * @throws {@link NewerFormatError} when it was written in a newer version
 * @throws {@link LimitExceededError} when it has more than 64 MiB
 */
export function decodeProvenance (bytes: Uint8Array): Provenance {
  const { results, files } = decodeRecord(record, bytes) as unknown as ProvenanceJson
  if (new Set(results.map(({ root }) => root)).size !== results.length) refuse('a result is there twice')
  let before = ''
  for (const { path, results: made, rowGroups = [], linked } of files) {
    if (path <= before) refuse(`the file ${JSON.stringify(path)} is not in the order of paths`)
    before = path
    if (made.length === 0 || (made.at(-1) ?? 0) >= results.length) {
      refuse(`the file ${JSON.stringify(path)} names no result, or one that is not there`)
    }
    const known = new Set(made)
    if (rowGroups.some(group => group.some(place => !known.has(place)))) {
      refuse(`a row group of ${JSON.stringify(path)} names a result that its file does not`)
    }
    if (linked !== undefined && !known.has(linked.result)) {
      refuse(`the file ${JSON.stringify(path)} is linked from a result that it does not name`)
    }
  }
  return { files, results: results.map(({ statement, ...result }) => ({ ...result, ...readStatement(statement) })) }
}

function readStatement (statement: JsonValue | undefined): Pick<ProvenanceResult, 'statement'> {
  if (statement === undefined) return {}
  return { statement: refuseInvalid(record, () => decodeStatement(encodeCanonicalJson(statement))) }
}

function isAscending (value: unknown): boolean {
  return Array.isArray(value) && (value as unknown[]).every((item, at, all) =>
    Number.isSafeInteger(item) && Number(item) >= 0 && (at === 0 || Number(item) > Number(all[at - 1])))
}

function refuse (problem: string): never {
  throw new InvalidProvenanceError(`The provenance is not valid: ${problem}`, { problem })
}
