import { setImmediate } from 'node:timers/promises'
import { croissantFileObjectsMax, croissantFileSetsMax, describedFilesAtOnce } from '../limits.ts'
import { inParts } from '../store/in-parts.ts'
import { isAppendedTable, lineagePath } from './appended-parts.ts'
import { extensionOf, mediaTypeOf } from './media-type.ts'
import type { DescribedTable } from './described-table.ts'
import type { Lineage } from './lineage.ts'
import type { ImportedFile, ImportedFiles } from '../bundle/publish.ts'
import type { AbortOptions, JsonObject } from '../interface/primitives.ts'

/** Files of one kind, as Croissant describes them: one file, or a set. */
export interface Resource {
  /** Its identifier in the document. */
  id: string
  type: 'fileObject' | 'fileSet'
  /** The file, or one of the set. */
  file: ImportedFile
  json: JsonObject
}

/**
 * Describes the files of a dataset: each of them while they are few. Many become sets by the ends of their names, so that the
 * document stays small; the DAG commits to each of them all the same.
 */
export async function describeFiles (
  files: ImportedFiles, lineage?: Lineage, options: AbortOptions = {}
): Promise<Resource[]> {
  if (files.length > croissantFileObjectsMax) return fileSets(await groupsOf(files, options))
  const paths = new Set(Array.from(files, ({ path }) => path))
  return Array.from(files, (file, index) =>
    fileObject(file, index, { ...lineage?.describe(file.path), ...provenanceOf(file.path, paths) }))
}

/** Says in schema.org's words how many rows a file has: Croissant has none of its own. */
export function rowsOf ({ rows }: DescribedTable): JsonObject {
  return rows === undefined ? {} : { additionalProperty: [{ '@type': 'sc:PropertyValue', name: 'rows', value: rows }] }
}

/** Of a table that rows were appended to, which file says where they came from: `has_provenance` of PROV-AQ. */
function provenanceOf (path: string, paths: ReadonlySet<string>): JsonObject {
  return isAppendedTable(path, paths) ? { 'prov:has_provenance': { '@id': lineagePath(path) } } : {}
}

function fileObject (file: ImportedFile, index: number, known: JsonObject): Resource {
  const { path, cid, bytes, sha256 } = file
  // mlcroissant takes no white space in an identifier, not even escaped.
  const id = /\s/.test(path) ? `files/${index}` : path
  const json: JsonObject = {
    '@type': 'cr:FileObject',
    '@id': id,
    name: path,
    contentUrl: relativeUrl(path),
    sameAs: `ipfs://${cid.toString()}`,
    contentSize: `${bytes} B`,
    encodingFormat: mediaTypeOf(extensionOf(path)),
    sha256: sha256.slice(2),
    ...known
  }
  return { id, type: 'fileObject', file, json }
}

/**
 * A URL relative to the bundle. What every parser of URLs takes as it is, spaces and letters of any script, stays as it is:
 * mlcroissant takes the URL for a path.
 */
function relativeUrl (path: string): string {
  return path.replaceAll(/[%?#]/g, encodeURIComponent)
}

interface Group {
  first: ImportedFile
  count: number
  bytes: bigint
}

/** Files by the ends of their names. */
async function groupsOf (files: ImportedFiles, { signal }: AbortOptions): Promise<Map<string, Group>> {
  const groups = new Map<string, Group>()
  for (const [part] of inParts(files, describedFilesAtOnce)) {
    await setImmediate()
    signal?.throwIfAborted()
    for (const file of part) {
      const extension = extensionOf(file.path)
      const group = groups.get(extension) ?? { first: file, count: 0, bytes: 0n }
      groups.set(extension, { ...group, count: group.count + 1, bytes: group.bytes + file.bytes })
    }
  }
  return groups
}

function fileSets (groups: ReadonlyMap<string, Group>): Resource[] {
  const named = [...groups].filter(([extension]) => extension !== '' && /^[a-z0-9]+$/.test(extension))
    .sort(([a, left], [b, right]) => right.count - left.count || (a < b ? -1 : 1)).slice(0, croissantFileSetsMax)
  const sets = named.map(([extension, group]) => fileSet(extension, group, { includes: globs(extension) }))
  const names = new Set(named.map(([extension]) => extension))
  const rest = [...groups].flatMap(([extension, group]) => names.has(extension) ? [] : [group])
  const [first] = rest
  if (first === undefined) return sets
  const other = rest.slice(1).reduce((sum, { count, bytes }) =>
    ({ ...sum, count: sum.count + count, bytes: sum.bytes + bytes }), first)
  const excludes = named.flatMap(([extension]) => globs(extension))
  const patterns = { includes: ['data/*', 'data/**/*'], ...(excludes.length === 0 ? {} : { excludes }) }
  return [...sets, fileSet('', other, patterns)]
}

function fileSet (extension: string, { first, count, bytes }: Group, patterns: JsonObject): Resource {
  const id = extension === '' ? 'files/other' : `files/${extension}`
  const json: JsonObject = {
    '@type': 'cr:FileSet',
    '@id': id,
    name: id,
    description: `${count} files, ${bytes} bytes.`,
    encodingFormat: mediaTypeOf(extension),
    ...patterns
  }
  return { id, type: 'fileSet', file: first, json }
}

function globs (extension: string): string[] {
  return [`data/*.${extension}`, `data/**/*.${extension}`]
}
