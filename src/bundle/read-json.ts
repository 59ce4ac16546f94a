import { decodeCanonicalJson } from '../format/canonical-json.ts'
import { manifestBytesMax } from '../limits.ts'
import { readBytes } from './file.ts'
import { notFound, resolvePath } from './tree.ts'
import type { DagReader } from './dag-reader.ts'
import type { TreeEntry } from './tree.ts'
import type { AbortOptions, JsonValue } from '../interface/primitives.ts'

/**
 * Reads one of the JSON files that a kind of bundle has. Like the manifest they are read in canonical form only: of a text with
 * duplicate names two programs read two prompts, and miners must not differ in what they were asked.
 *
 * @throws {@link FileNotFoundError} when it is not in the bundle
 * @throws {@link InvalidManifestError} when it is not canonical JSON
 * @throws {@link LimitExceededError} when it is larger or deeper than such a file may be
 */
export async function readJson (
  reader: DagReader, root: TreeEntry, path: string, options: AbortOptions = {}
): Promise<JsonValue> {
  const entry = await resolvePath(reader, root, path, options)
  if (entry.type !== 'file') throw notFound(path, 'is a directory')
  const bytes = await readBytes(reader, entry, { ...options, bytesMax: manifestBytesMax })
  return decodeCanonicalJson(bytes, { bytesMax: manifestBytesMax })
}
