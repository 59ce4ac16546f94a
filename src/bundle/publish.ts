import { digestOf } from '../format/digest.ts'
import { toHex } from '../format/hex.ts'
import { encodeManifest } from '../format/manifest.ts'
import { signStatement } from '../format/statement.ts'
import { delegationsMax, entriesMax as bundleEntriesMax, statementsMax } from '../limits.ts'
import { checkBundle, entriesMaxOf, MeasuredBlocks } from './check-bundle.ts'
import { checkLinks, checkWiden } from './check-widening.ts'
import { EntryPaths } from './entry-paths.ts'
import { DirectoryImport } from './import.ts'
import { importedContent } from './imported-content.ts'
import { keepStored } from './kept-bundle.ts'
import { OwnStatement } from './own-statement.ts'
import { manifestPath } from './read-manifest.ts'
import { checkReaders, sameReaders } from './readers.ts'
import { checkRetention, publishedHolds, releaseAnswered } from './retention.ts'
import { readBytesSource } from './source-stream.ts'
import { openSources } from './source.ts'
import { withHoldAtLeast } from '../store/holds.ts'
import { nativeSha256 } from '../store/native-sha256.ts'
import type { ImportedFiles } from './imported-files.ts'
import type { ImportedContent } from './imported-content.ts'
import type { KeptBundle } from './kept-bundle.ts'
import type { Retention } from './retention.ts'
import type { SourceEntry } from './source-entry.ts'
import type { StatementLog } from '../interface/audit.ts'
import type { Readers, SetReadersOptions, SignedStatement } from '../interface/bundle.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { Hold } from '../interface/hold.ts'
import type { Manifest } from '../interface/manifest.ts'
import type { Identity } from '../interface/network.ts'
import type { AbortOptions, Digest } from '../interface/primitives.ts'
import type { ProgressOptions } from '../interface/progress.ts'
import type { FileSource } from '../interface/source.ts'
import type { NewBundle, RecordChange, Staging, Store, StoredBundle } from '../interface/store.ts'
import type { NetworkSession, TaskReference } from '../interface/task.ts'
import type { CID } from 'multiformats/cid'

export type { ImportedFile, ImportedFiles } from './imported-files.ts'
export type { ImportedContent } from './imported-content.ts'

/** What publishing needs from the node. */
export interface PublishComponents {
  store: Store
  identity: Pick<Identity, 'address' | 'delegation' | 'sign' | 'signer'>
  /** Milliseconds since 1970. */
  clock: () => number
  /** How long what is published stays, by kind; what is not named in it stays by default. */
  retention?: Retention
  random: (bytes: number) => Uint8Array
  /** Where its statements are logged. */
  statements?: StatementLog | undefined
}

/** What a bundle is made of, and for whom. */
export interface BundleInit<M extends Manifest = Manifest> {
  /** Names are paths from the root of the bundle. */
  files: readonly FileSource[]
  /** Gives more files, made from those that were imported: a description of them. What it throws refuses the bundle. */
  describe?: (files: ImportedFiles, content: ImportedContent) => Promise<readonly FileSource[]>
  /** Gives the manifest. `content` is the root of the bundle's directory as it is without one. */
  manifest: (content: CID) => M
  readers: Readers
  /** Stored and named, and served to nobody until it is revealed. */
  embargoed: boolean
  /** When that is by itself, in milliseconds since 1970. */
  revealAt?: number | undefined
  /** Root of the bundle that this one answers or follows. */
  answers?: CID
  task?: TaskReference
  session?: NetworkSession
  /** Called with the root before it is signed; what it throws refuses the bundle. Given back when publishing has ended. */
  claim?: (root: CID) => Disposable
  /** Cuts its files by this scheme in place of the profile: see `page-chunks.ts`. */
  chunking?: string | undefined
  /** Files and directories that it may have, when it is not the default. */
  entriesMax?: number
  /** True when what it holds is signed itself, so that no statement is made of it. */
  unsigned?: boolean
}

const zeroDigest: Digest = toHex(new Uint8Array(32))

/** How to publish. */
export interface PublishBundleOptions extends AbortOptions, ProgressOptions, SetReadersOptions {
  /** Milliseconds for which it is held, in place of the retention of its kind. */
  retentionMs?: number | undefined
}

/** What is stored of a bundle beside its DAG, as far as the caller decides it. */
interface CheckedInit extends BundleInit {
  /** Roots of linked bundles that are not for everybody. */
  links: readonly CID[]
  own: OwnStatement
}

/**
 * Publishes a bundle: imports its files, adds the manifest, checks it as it will be checked by whoever fetches it, signs
 * a statement, and makes it durable. When this node published the same root before, the first statement stays; readers are
 * set as they are said now, and an embargo ends when it is said that there is none.
 *
 * When it rejects nothing is listed.
 *
 * @throws {@link InvalidArgumentError}, {@link InvalidNameError}, {@link InvalidManifestError} for what the caller gave
 * @throws {@link SourceUnreadableError}, {@link SourceChangedError}, {@link NotStoredError} for what is read
 * @throws {@link LimitExceededError} when the bundle would be larger than one may be
 * @throws {@link AccessWidenedError} when more peers could read it than may read what it links
 */
export async function publishBundle (
  components: PublishComponents, init: BundleInit, options: PublishBundleOptions = {}
): Promise<KeptBundle> {
  const readers = checkReaders(init.readers)
  const { retentionMs } = options
  const widen = checkWiden(options)
  checkRetention(retentionMs)
  const staging = components.store.stage()
  let claim: Disposable | undefined
  try {
    const { root, manifest, linked } = await importBundle(staging, init, options)
    claim = init.claim?.(root)
    const { clock, identity, retention, store } = components
    const links = await checkLinks({ store, own: identity.address }, linked, { root, readers, widen })
    const own = new OwnStatement(components.statements)
    const checked = { ...init, readers, links, own }
    const holds = publishedHolds(manifest.kind, clock(), retention, retentionMs)
    const known = store.isDamaged(root) ? undefined : store.record(root)
    const kept = keepStored(store, known ??
      await staging.commit({ ...recordOf(components, root, manifest.kind, checked, options), holds }, options))
    await own.settle(store, kept.stored, clock())
    return await republish(components, kept, { ...checked, holds }, options)
  } finally {
    claim?.[Symbol.dispose]()
    await staging.discard()
  }
}

async function importBundle (
  staging: Staging, init: BundleInit, options: AbortOptions & ProgressOptions
): Promise<{ root: CID, manifest: Manifest, linked: CID[] }> {
  const blocks = new MeasuredBlocks(staging)
  const paths = new EntryPaths(init.entriesMax ?? bundleEntriesMax, { sha256: nativeSha256 })
  paths.addFile(manifestPath)
  const directory = new DirectoryImport(blocks)
  const files = await openSources(init.files, { blocks, paths, signal: options.signal })
  const { describe, chunking } = init
  const imported = await directory.add(files, { ...options, hashFiles: describe !== undefined, chunking })
  const content = importedContent(blocks, options)
  const described = await openSources(await init.describe?.(imported, content) ?? [], { blocks, paths, signal: options.signal })
  paths.clear()
  await directory.add(described, options)
  imported.clear()
  const manifest = init.manifest(await directory.content(options))
  const bytes = encodeManifest(manifest)
  const manifestFile: SourceEntry = { type: 'file', path: manifestPath, open: own => readBytesSource(bytes, own) }
  await directory.add([manifestFile], { signal: options.signal })
  const root = await directory.root(options)
  directory.clear()
  await checkBundle(blocks, root, { signal: options.signal, entriesMax: Math.min(paths.entriesMax, entriesMaxOf(manifest)) })
  const linked = [...files.links, ...described.links]
  return { root, manifest, linked }
}

function recordOf (
  components: PublishComponents, root: CID, kind: string, init: CheckedInit, options: AbortOptions
): Omit<NewBundle, 'holds'> {
  const { readers, embargoed, revealAt, links, task, session, answers } = init
  const delegation = shownBy(components.identity)
  return {
    root,
    kind,
    origin: 'published',
    readers,
    embargoed,
    statements: init.unsigned === true
      ? []
      : async () => [await init.own.sign(async () => await sign(components, root, kind, init, options))],
    storedAt: components.clock(),
    ...(revealAt === undefined ? {} : { revealAt }),
    ...(links.length === 0 ? {} : { links }),
    ...(delegation === undefined ? {} : { delegations: [delegation] }),
    ...(task === undefined ? {} : { task }),
    ...(session === undefined ? {} : { session }),
    ...(answers === undefined ? {} : { answers })
  }
}

/** Applies what is said now to what is stored, which may be from an earlier call, a concurrent one, or another publisher. */
async function republish (
  components: PublishComponents, kept: KeptBundle, init: CheckedInit & Pick<OwnWord, 'holds'>, options: AbortOptions
): Promise<KeptBundle> {
  const { identity, store } = components
  const { stored } = kept
  const signNow = async (): Promise<SignedStatement> => await sign(components, stored.root, stored.kind, init, options)
  try {
    const isSigned = init.unsigned === true || stored.statements.some(({ signer }) => signer === identity.signer)
    const own = { holds: init.holds, signed: isSigned ? undefined : await init.own.sign(signNow), delegation: shownBy(identity) }
    const updated = await store.update(stored.root, before => changeOf(before, init, own))
    await init.own.settle(store, updated, components.clock())
    if (init.answers !== undefined) await releaseAnswered(store, init.answers)
    return { ...kept, stored: updated }
  } catch (error) {
    kept[Symbol.dispose]()
    throw error
  }
}

/** What is new of this call. */
interface OwnWord {
  holds: readonly Hold[]
  /** Undefined when this node has signed it before. */
  signed: SignedStatement | undefined
  delegation: SignedDelegation | undefined
}

function changeOf (stored: StoredBundle, init: CheckedInit, { holds, signed, delegation }: OwnWord): RecordChange {
  const change: RecordChange = {}
  if (signed !== undefined) change.statements = [signed, ...stored.statements].slice(0, statementsMax)
  if (signed !== undefined && delegation !== undefined) {
    change.delegations = [delegation, ...stored.delegations ?? []].slice(0, delegationsMax)
  }
  if (stored.readersLost === true || !sameReaders(stored.readers, init.readers)) change.readers = init.readers
  if (stored.embargoed && !init.embargoed) change.embargoed = false
  if (stored.embargoed && stored.revealAt !== init.revealAt) change.revealAt = init.revealAt
  const links = [...stored.links ?? [], ...init.links.filter(link => stored.links?.some(known => known.equals(link)) !== true)]
  if (links.length > (stored.links?.length ?? 0)) change.links = links
  const extended = holds.reduce<readonly Hold[]>(withHoldAtLeast, stored.holds)
  if (extended !== stored.holds) change.holds = extended
  return change
}

/** What makes the statements of this node count as a wallet's; undefined where they are the wallet's own, or nobody else's. */
function shownBy ({ address, signer, delegation }: PublishComponents['identity']): SignedDelegation | undefined {
  return signer === address ? delegation : undefined
}

async function sign (
  { identity, clock, random }: PublishComponents, root: CID, kind: string, init: BundleInit, options: AbortOptions
): Promise<SignedStatement> {
  const seconds = Math.floor(clock() / 1000)
  const statement = await signStatement({
    kind,
    root: digestOf(root),
    answers: init.answers === undefined ? zeroDigest : digestOf(init.answers),
    access: init.readers === 'anyone' ? 'anyone' : 'restricted',
    salt: toHex(random(32)),
    // The clock of the wallet may be a little ahead, and what is stated before its delegation does not count.
    time: String(Math.max(seconds, Number(identity.delegation?.delegation.time ?? 0))),
    ...(init.task === undefined ? {} : { task: init.task })
  }, async digest => identity.sign(digest, options))
  return { statement, signer: identity.signer }
}
