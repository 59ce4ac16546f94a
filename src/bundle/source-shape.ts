import { CID } from 'multiformats/cid'
import { InvalidArgumentError, InvalidNameError, LimitExceededError } from '../errors.ts'
import { checkPath } from '../format/entry-name.ts'
import { quote } from '../format/quote.ts'
import { entriesMax } from '../limits.ts'
import { EntryPaths } from './entry-paths.ts'
import type { FileSource } from '../interface/source.ts'

const contentFields = ['path', 'text', 'bytes', 'stream', 'cid'] as const

/**
 * Checks what a host gave as files, as far as it can be told without reading anything. How many there are is looked at first.
 *
 * @throws {@link LimitExceededError} when there are more than `countMax`
 * @throws {@link InvalidArgumentError} when one is not a {@link FileSource}
 * @throws {@link InvalidNameError} when a name cannot be in a bundle, is there twice, or is a file and a directory
 */
export function checkSources (sources: unknown, countMax: number = entriesMax): asserts sources is readonly FileSource[] {
  if (!Array.isArray(sources)) throw new InvalidArgumentError('files must be an array of { name, path | text | bytes | stream | cid }')
  if (sources.length > countMax) {
    throw new LimitExceededError(`A bundle may have ${countMax} files and directories, and ${sources.length} files were given`,
      { limit: 'entriesMax', max: countMax, actual: sources.length })
  }
  const names = new Set<string>()
  const paths = new EntryPaths(Infinity)
  for (const source of sources as readonly unknown[]) {
    checkShape(source)
    checkPath(source.name)
    if (names.has(source.name)) throw new InvalidNameError(`${quote(source.name)} is there twice in one bundle`, { value: source.name })
    names.add(source.name)
    // What a path is, a file or a directory, is not known yet.
    if (!('path' in source)) paths.addFile(source.name)
  }
}

function checkShape (source: unknown): asserts source is FileSource {
  const problem = shapeProblem(source)
  if (problem === undefined) return
  const name = isRecord(source) && typeof source['name'] === 'string' ? ` ${quote(source['name'])}` : ''
  throw new InvalidArgumentError(`A file${name} ${problem}: it must be { name, path | text | bytes | stream | cid }`)
}

function shapeProblem (source: unknown): string | undefined {
  if (!isRecord(source) || typeof source['name'] !== 'string') return 'has no name'
  const fields = contentFields.filter(field => field in source)
  if (fields.length !== 1) return fields.length === 0 ? 'has no content' : `has both ${fields.join(' and ')}`
  const { path, text, bytes, stream, cid } = source
  switch (fields[0]) {
    case 'path': return typeof path === 'string' && path !== '' && !path.includes('\0') ? undefined : 'has a path that is not one'
    case 'text': return typeof text === 'string' && text.isWellFormed() ? undefined : 'has a text that is not well-formed text'
    case 'bytes': return bytes instanceof Uint8Array ? undefined : 'has bytes that are not a Uint8Array'
    case 'stream': return isRecord(stream) && typeof stream[Symbol.asyncIterator] === 'function' ? undefined : 'has a stream that is not an AsyncIterable'
    default: return typeof cid === 'string' || CID.asCID(cid) !== null ? undefined : 'has a cid that is neither a CID nor text'
  }
}

function isRecord (value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === 'object' && value !== null
}
