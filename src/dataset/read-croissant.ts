import { InvalidCroissantError } from '../errors.ts'
import { checkJsonDepth } from '../format/json-value.ts'
import { quote } from '../format/quote.ts'
import { croissantBytesMax, describedColumnsMax, jsonDepthMax } from '../limits.ts'
import type { Bundle } from '../interface/bundle.ts'
import type { DatasetInit } from '../interface/dataset.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/** What `croissant.json` says of the table that a file is. */
export interface CroissantTable {
  /** Names of columns, and their data types as they stand there. */
  fields: ReadonlyMap<string, string>
  rows?: number
}

/**
 * Reads from the description of a version which tables it has, by the paths of their files, or by the identifiers of sets.
 * What is not of the form in which this library writes it is passed over: others describe their datasets in their own way. So
 * are columns of a table beyond those that are described.
 *
 * @throws {@link InvalidCroissantError} when it is no JSON object
 * @throws {@link LimitExceededError} when it has more than 64 MiB, or is nested too deep
 */
export async function readTables (
  bundle: Pick<Bundle, 'bytes' | 'urn'>, options: AbortOptions = {}
): Promise<Map<string, CroissantTable>> {
  const bytes = await bundle.bytes('croissant.json', { ...options, bytesMax: croissantBytesMax })
  return tablesIn(bytes, bundle.urn)
}

/** Reads the same from the bytes of a description; `urn` names its bundle in errors. */
export function tablesIn (bytes: Uint8Array, urn: string): Map<string, CroissantTable> {
  checkJsonDepth(bytes, jsonDepthMax)
  const document = parse(bytes, urn)
  const paths = new Map<string, { path: string, rows?: number }>()
  for (const resource of objectsIn(document['distribution'])) {
    const id = textOf(resource['@id'])
    if (id !== undefined) paths.set(id, { path: pathOf(resource) ?? id, ...rowsOf(resource) })
  }
  const tables = new Map<string, CroissantTable>()
  for (const recordSet of objectsIn(document['recordSet'])) {
    for (const field of objectsIn(recordSet['field']).slice(0, describedColumnsMax)) {
      const source = objectOf(field['source'])
      const id = textOf(objectOf(source?.['fileObject'] ?? source?.['fileSet'])?.['@id'])
      const name = textOf(objectOf(source?.['extract'])?.['column']) ?? textOf(field['name'])
      const resource = id === undefined ? undefined : paths.get(id)
      if (resource === undefined || name === undefined) continue
      const { path, ...rows } = resource
      const table = tables.get(path) ?? { fields: new Map<string, string>(), ...rows }
      if (table.fields.size >= describedColumnsMax) continue;
      (table.fields as Map<string, string>).set(name, textOf(field['dataType']) ?? JSON.stringify(field['dataType'] ?? null))
      tables.set(path, table)
    }
  }
  return tables
}

/**
 * Reads what the description of a version says of it as a whole, in the words in which it is published. What is not of the
 * form in which this library writes it is left out.
 */
export async function readMetadata (
  bundle: Pick<Bundle, 'bytes' | 'urn'>, options: AbortOptions = {}
): Promise<Pick<DatasetInit, 'description' | 'license' | 'creators' | 'keywords' | 'url'>> {
  const document = parse(await bundle.bytes('croissant.json', { ...options, bytesMax: croissantBytesMax }), bundle.urn)
  const texts = Object.fromEntries((['description', 'license', 'url'] as const).flatMap(name => {
    const text = textOf(document[name])
    return text === undefined ? [] : [[name, text]]
  }))
  const creators = objectsIn(document['creator']).flatMap(creator => {
    const [name, url] = [textOf(creator['name']), textOf(creator['url'])]
    return name === undefined ? [] : [{ name, ...(url === undefined ? {} : { url }) }]
  })
  const keywords = Array.isArray(document['keywords']) ? document['keywords'].filter(keyword => typeof keyword === 'string') : []
  return { ...texts, ...(creators.length === 0 ? {} : { creators }), ...(keywords.length === 0 ? {} : { keywords }) }
}

function parse (bytes: Uint8Array, urn: string): Record<string, unknown> {
  try {
    const value = objectOf(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
    if (value !== undefined) return value
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new InvalidCroissantError(`croissant.json of ${urn} is not JSON: ${quote(reason, 200)}`, { urn, cause })
  }
  throw new InvalidCroissantError(`croissant.json of ${urn} is no JSON object`, { urn })
}

function pathOf (resource: Record<string, unknown>): string | undefined {
  const url = textOf(resource['contentUrl'])
  if (url === undefined || /^[a-z][a-z0-9+.-]*:/i.test(url)) return undefined
  try {
    return decodeURIComponent(url)
  } catch {
    return undefined
  }
}

function rowsOf (resource: Record<string, unknown>): { rows?: number } {
  const rows = objectsIn(resource['additionalProperty']).find(({ name }) => name === 'rows')?.['value']
  return typeof rows === 'number' && Number.isSafeInteger(rows) && rows >= 0 ? { rows } : {}
}

function objectsIn (value: unknown): Record<string, unknown>[] {
  return (Array.isArray(value) ? value as unknown[] : [value]).map(objectOf).filter(item => item !== undefined)
}

function objectOf (value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : undefined
}

function textOf (value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
