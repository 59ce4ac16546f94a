import { parseCidText } from '../format/cid-text.ts'
import { parseReference } from '../format/reference.ts'
import type { Bundle } from '../interface/bundle.ts'
import type { AbortOptions, Reference } from '../interface/primitives.ts'
import type { FileSource } from '../interface/source.ts'
import type { Store } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/** What finding the result of a link needs. */
export interface LinkedResultComponents {
  store: Pick<Store, 'record' | 'owners'>
  open: (ref: Reference, options: AbortOptions) => Promise<Bundle>
}

/** A file or folder of a dataset that is linked from a result. */
export interface LinkedResult {
  /** As it is called in the dataset. */
  name: string
  root: CID
  /** Where it stands in the result; empty for all of it. */
  path: string
}

/**
 * Says of each link from which stored result it is. What stands in several results is of none of them: nobody can tell whose
 * it is.
 */
export async function linkedResults (
  { store, open }: LinkedResultComponents, files: readonly FileSource[], options: AbortOptions
): Promise<LinkedResult[]> {
  const found: LinkedResult[] = []
  const listed = new Map<string, Map<string, string>>()
  for (const file of files) {
    const cid = 'cid' in file ? cidOfLink(file.cid) : undefined
    if (cid === undefined) continue
    options.signal?.throwIfAborted()
    const root = await resultOf(store, cid)
    if (root === undefined) continue
    const key = root.toString()
    const paths = listed.get(key) ?? await pathsIn(await open(root, options), options)
    listed.set(key, paths)
    const path = key === cid.toString() ? '' : paths.get(cid.toString())
    if (path !== undefined) found.push({ name: file.name, root, path })
  }
  return found
}

async function resultOf (store: Pick<Store, 'record' | 'owners'>, cid: CID): Promise<CID | undefined> {
  if (store.record(cid)?.kind === 'result') return cid
  const owners = (await store.owners(cid)).filter(owner => store.record(owner)?.kind === 'result')
  return owners.length === 1 ? owners[0] : undefined
}

async function pathsIn (bundle: Bundle, options: AbortOptions): Promise<Map<string, string>> {
  try {
    const paths = new Map<string, string>()
    for await (const { cid, path } of bundle.files('', options)) paths.set(cid.toString(), path)
    return paths
  } finally {
    await bundle.close()
  }
}

/** What is no CID at all is told when the files are opened. */
function cidOfLink (ref: Reference): CID | undefined {
  try {
    if (typeof ref !== 'string') return ref
    return /^[a-z0-9]+$/i.test(ref) ? parseCidText(ref) : parseReference(ref).cid
  } catch {
    return undefined
  }
}
