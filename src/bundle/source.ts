import { CID } from 'multiformats/cid'
import { InvalidReferenceError, NotStoredError } from '../errors.ts'
import { parseCidText } from '../format/cid-text.ts'
import { checkBlockCid } from '../format/dag-links.ts'
import { quote } from '../format/quote.ts'
import { parseReference } from '../format/reference.ts'
import { openSourcePath } from './source-path.ts'
import { SourceList } from './source-list.ts'
import { checkSources } from './source-shape.ts'
import { readBytesSource, readStreamSource } from './source-stream.ts'
import type { EntryPaths } from './entry-paths.ts'
import type { SourceEntry } from './source-entry.ts'
import type { AbortOptions, Reference } from '../interface/primitives.ts'
import type { FileSource } from '../interface/source.ts'
import type { BlockReader } from '../interface/store.ts'

/** What opening sources needs. */
export interface OpenSourcesOptions extends AbortOptions {
  /** Where linked DAGs are. */
  blocks: Pick<BlockReader, 'has'>
  /** Paths so far, so that more can be added to the same bundle. */
  paths: EntryPaths
}

/**
 * Turns what a host gives into the entries of a bundle. Every name is checked before anything is read, and directories
 * are walked before any file is opened.
 *
 * @throws {@link InvalidArgumentError} when a source is not one
 * @throws {@link InvalidNameError} when a name cannot be in a bundle, is there twice, or is a file and a directory
 * @throws {@link SourceUnreadableError} when a path is missing, unreadable, or neither a file nor a directory
 * @throws {@link InvalidReferenceError} when a `cid` does not name a block that a bundle may have
 * @throws {@link NotStoredError} when a linked CID is not in this node's repository
 * @throws {@link LimitExceededError} when there are more entries than a bundle may have
 */
export async function openSources (sources: readonly FileSource[], options: OpenSourcesOptions): Promise<SourceList> {
  checkSources(sources, options.paths.entriesMax)
  const entries = new SourceList()
  for (const source of sources) {
    for await (const entry of openSource(source, options)) {
      options.signal?.throwIfAborted()
      if (entry.type === 'directory') options.paths.addDirectory(entry.path)
      else options.paths.addFile(entry.path)
      entries.push(entry)
    }
  }
  return entries
}

async function * openSource (source: FileSource, { blocks, paths, signal }: OpenSourcesOptions): AsyncGenerator<SourceEntry> {
  const { name } = source
  if ('path' in source) yield * openSourcePath(source.path, name, paths.entriesMax)
  else if ('cid' in source) yield { type: 'link', path: name, cid: await findLink(name, source.cid, blocks, { signal }) }
  else if ('text' in source) yield { type: 'file', path: name, open: options => readBytesSource(new TextEncoder().encode(source.text), options) }
  else if ('bytes' in source) yield { type: 'file', path: name, open: options => readBytesSource(source.bytes, options) }
  else yield { type: 'file', path: name, open: options => readStreamSource(source.stream, name, options) }
}

async function findLink (name: string, ref: Reference, blocks: Pick<BlockReader, 'has'>, options: AbortOptions): Promise<CID> {
  const cid = parseLink(ref)
  if (await blocks.has(cid, options)) return cid
  throw new NotStoredError(`${cid.toString()} cannot be linked as ${quote(name)}: this node does not have it`,
    { cid: cid.toString(), value: name })
}

/** Beside the roots of bundles, anything inside one can be linked: also a file that is one raw block. */
function parseLink (ref: Reference): CID {
  try {
    return parseReference(ref).cid
  } catch (error) {
    const cid = asBlockCid(ref)
    if (error instanceof InvalidReferenceError && cid !== undefined) return cid
    throw error
  }
}

function asBlockCid (ref: Reference): CID | undefined {
  try {
    const cid = typeof ref === 'string' ? parseCidText(ref) : CID.decode(ref.bytes)
    checkBlockCid(cid)
    return cid
  } catch {
    return undefined
  }
}
