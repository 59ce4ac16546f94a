import { AccessWidenedError, LimitExceededError } from '../errors.ts'
import { checkObject, checkOptional } from '../format/argument.ts'
import { formatUrn } from '../format/reference.ts'
import { restrictedLinksMax } from '../limits.ts'
import { areAmong } from './readers.ts'
import type { Readers, SetReadersOptions } from '../interface/bundle.ts'
import type { Address } from '../interface/primitives.ts'
import type { Store, StoredBundle } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/** What comparing readers needs. */
export interface WideningComponents {
  store: Pick<Store, 'record' | 'owners' | 'linkedRoots'>
  /** This node, which may read all that it has. */
  own: Address
}

/** Who is to read what. */
export interface Opening {
  root: CID
  readers: Readers
  /** Lets more peers read it than may read what it links. */
  widen: boolean
}

/** @throws {@link InvalidArgumentError} when a host gave something else than whether it may be widened */
export function checkWiden (options: SetReadersOptions): boolean {
  const given: unknown = options
  checkObject(given, 'options')
  const { widen = false } = options
  checkOptional(widen, 'widen', 'boolean')
  return widen
}

/**
 * Checks that no more peers can read a bundle than may read each of the bundles that it links: by its root, or by a file or
 * directory in it. The same bytes that came another way are no link. What is in several bundles is read by the readers of each.
 *
 * @returns roots of the linked bundles that are not for everybody, to be kept with the new one
 * @throws {@link AccessWidenedError} when more could, unless `widen`, or unless they can already
 * @throws {@link LimitExceededError} when there are too many of them
 */
export async function checkLinks (components: WideningComponents, cids: Iterable<CID>, opening: Opening): Promise<CID[]> {
  const { store, own } = components
  const isAllowed = allowsAll(components, opening)
  // Publishing what is stored is setting its readers, and what it linked then may be gone by now.
  if (store.record(opening.root) !== undefined) await checkSetReaders(components, opening)
  const links = new Map<string, CID>()
  for (const cid of cids) {
    const known = store.record(cid)
    const owners = known === undefined ? await ownersOf(store, cid, opening.root) : [known]
    if (owners.some(isPublic)) continue
    const owner = owners.find(owner => isOpenTo(owner, opening.readers, own)) ?? owners[0]
    if (owner === undefined) continue
    if (!isAllowed && !isOpenTo(owner, opening.readers, own)) throw widened(opening, owner.root, owner)
    links.set(owner.root.toString(), owner.root)
  }
  if (links.size <= restrictedLinksMax) return [...links.values()]
  throw new LimitExceededError(`It links ${links.size} bundles that are not for everybody; at most ${restrictedLinksMax} may be linked`,
    { limit: 'restrictedLinksMax', max: restrictedLinksMax, actual: links.size })
}

/**
 * Checks the same of a bundle that is stored and is to have other readers. Of a linked bundle that is gone nobody knows who may
 * read it.
 *
 * @throws {@link AccessWidenedError} when more could read it, unless `widen`, or unless they can already
 */
export async function checkSetReaders (components: WideningComponents, opening: Opening): Promise<void> {
  const { store, own } = components
  if (allowsAll(components, opening)) return
  for (const linked of [...await store.linkedRoots(opening.root), ...store.record(opening.root)?.links ?? []]) {
    const stored = store.record(linked)
    if (stored === undefined || !isOpenTo(stored, opening.readers, own)) throw widened(opening, linked, stored)
  }
}

/** True when it was said that it may be, or when nobody comes to it who may not read the bundle as it is. */
function allowsAll ({ store, own }: WideningComponents, { root, readers, widen }: Opening): boolean {
  const before = store.record(root)?.readers ?? []
  return widen || areAmong(readers, before, own)
}

async function ownersOf (store: Pick<Store, 'record' | 'owners'>, cid: CID, root: CID): Promise<StoredBundle[]> {
  return (await store.owners(cid)).flatMap(owner => owner.equals(root) ? [] : store.record(owner) ?? [])
}

/** True when anyone may read it now. */
export function isPublic ({ readers, embargoed }: Pick<StoredBundle, 'readers' | 'embargoed'>): boolean {
  return readers === 'anyone' && !embargoed
}

/** During an embargo nobody reads it. */
function isOpenTo ({ readers, embargoed }: StoredBundle, others: Readers, own: Address): boolean {
  return areAmong(others, embargoed ? [] : readers, own)
}

function widened ({ root, readers }: Opening, linked: CID, stored: StoredBundle | undefined): AccessWidenedError {
  const [urn, linkedUrn] = [formatUrn(root), formatUrn(linked)]
  const { readers: linkedReaders, embargoed } = stored ?? {}
  const may = linkedReaders === undefined ? 'is not stored any more, so that nobody knows who may read it'
    : embargoed === true ? 'nobody may read before it is revealed' : `may be read by ${describe(linkedReaders)}`
  return new AccessWidenedError(
    `${urn} links ${linkedUrn}, which ${may}, and would be readable by ${describe(readers)}: name fewer readers, give the linked ` +
    'bundle more with setReaders(), or say { widen: true }',
    { root: root.toString(), linked: linked.toString(), readers, linkedReaders, embargoed })
}

function describe (readers: Readers): string {
  if (typeof readers === 'function') return 'those for whom its function decides'
  if (readers === 'anyone') return readers
  return readers.length === 0 ? 'nobody' : readers.length <= 3 ? readers.join(', ') : `${readers.length} addresses`
}
