/**
 * `part-<n>.lineage.jsonl` of a dataset: which rows of the table `part-<n>.parquet` beside it came from which result. Rows that
 * are appended come from more results than fit into one `provenance.json`, and most parts stay as they are from one version to
 * the next: what is said of a part is linked with it.
 *
 * Each line is a JSON object in UTF-8 of at most 8 KiB, its fields in any order, in the forms of `schema.ts`. What is absent is
 * not there at all, never `null`. Fields that are not known are passed over.
 *
 * ```
 * path          of the table, from the root of the bundle
 * rowGroup      its number, from 0
 * from          the first of the rows in the row group, from 0
 * to            the first row after them
 * result        root of the result bundle, or what else the publisher named as one: its CID
 * miner         address
 * model?        name of the model, text that is not empty
 * modelDigest?  its digest, text that is not empty
 * task?         { chainId, queue, sessionId, taskId }
 * answers?      root of the task bundle, where the publisher had the result
 * statement?    what the miner signed, as `statement.ts` writes it, as an object
 * ```
 *
 * The lines are in the order of the rows, begin with row 0 of row group 0, and leave none out.
 */
import * as z from 'zod/mini'
import { DataNodeError, InvalidProvenanceError, LimitExceededError } from '../errors.ts'
import { jsonDepthMax, rowLineageBytesMax } from '../limits.ts'
import { encodeCanonicalJson } from './canonical-json.ts'
import { parseCidText } from './cid-text.ts'
import { checkJsonDepth } from './json-value.ts'
import { address, field, problemOf, rootText, uint256 } from './schema.ts'
import { decodeStatement, statementJson } from './statement.ts'
import { fromUtf8, toUtf8 } from './utf8.ts'
import type { RowLineage } from '../interface/append.ts'
import type { JsonValue } from '../interface/primitives.ts'
import type { TaskReference } from '../interface/task.ts'

/** As it stands in the file. */
type RowLineageJson = Omit<RowLineage, 'statement'> & { statement?: JsonValue }

const place = field(value => Number.isSafeInteger(value) && Number(value) >= 0, 'a place, from 0')
const filled = field(value => typeof value === 'string' && value !== '', 'text that is not empty')

const schema = z.looseObject({
  path: filled,
  rowGroup: place,
  from: place,
  to: place,
  result: field(isCidText, 'a CID'),
  miner: address,
  model: z.optional(filled),
  modelDigest: z.optional(filled),
  task: z.optional(z.looseObject({ chainId: uint256, queue: address, sessionId: uint256, taskId: uint256 })),
  answers: z.optional(rootText),
  statement: z.optional(z.looseObject({}))
})

/**
 * Writes one line, with its end. Refuses what {@link decodeRowLineage} refuses.
 *
 * @throws {@link InvalidProvenanceError} when a field is missing or not of its form
 * @throws {@link LimitExceededError} when it has more than 8 KiB
 */
export function encodeRowLineage ({ statement, ...line }: RowLineage): string {
  const json: RowLineageJson = { ...line, ...(statement === undefined ? {} : { statement: statementJson(statement) }) }
  const text = JSON.stringify(json)
  decodeRowLineage(toUtf8(text))
  return `${text}\n`
}

/**
 * Reads one line, without its end. Signatures of statements are not checked: see {@link verifyStatement}.
 *
 * @throws {@link InvalidProvenanceError} when it is not what a line should be
 * @throws {@link LimitExceededError} when it has more than 8 KiB, or is nested too deep
 */
export function decodeRowLineage (bytes: Uint8Array): RowLineage {
  if (bytes.byteLength > rowLineageBytesMax) {
    throw new LimitExceededError(`What is said of the rows of a result has ${bytes.byteLength} bytes, more than ${rowLineageBytesMax}`,
      { limit: 'rowLineageBytesMax', max: rowLineageBytesMax, actual: bytes.byteLength })
  }
  checkJsonDepth(bytes, jsonDepthMax)
  const json = parse(bytes)
  const problem = problemOf(schema, json)
  if (problem !== undefined) throw invalid(problem)
  const { path, rowGroup, from, to, result, miner, model, modelDigest, task, answers, statement } = json as RowLineageJson
  if (from >= to) throw invalid(`its rows end at ${to}, and begin at ${from}`)
  return {
    path,
    rowGroup,
    from,
    to,
    result,
    miner,
    ...(model === undefined ? {} : { model }),
    ...(task === undefined ? {} : { task: taskOf(task) }),
    ...(answers === undefined ? {} : { answers }),
    ...(modelDigest === undefined ? {} : { modelDigest }),
    ...(statement === undefined ? {} : { statement: readStatement(statement) })
  }
}

function taskOf ({ chainId, queue, sessionId, taskId }: TaskReference): TaskReference {
  return { chainId, queue, sessionId, taskId }
}

function parse (bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes) ?? '') as unknown
  } catch (cause) {
    throw invalid('it is not JSON', cause)
  }
}

function readStatement (json: JsonValue): NonNullable<RowLineage['statement']> {
  try {
    return decodeStatement(encodeCanonicalJson(json))
  } catch (cause) {
    if (cause instanceof DataNodeError) throw invalid(cause.message, cause)
    throw cause
  }
}

function isCidText (value: unknown): boolean {
  if (typeof value !== 'string') return false
  try {
    return parseCidText(value).toString() === value
  } catch {
    return false
  }
}

function invalid (problem: string, cause?: unknown): InvalidProvenanceError {
  return new InvalidProvenanceError(`What is said of the rows of a result is not valid: ${problem}`, { problem, cause })
}
