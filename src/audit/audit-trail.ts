import { openStored } from '../bundle/open.ts'
import { InvalidArgumentError } from '../errors.ts'
import { checkFilter, matchesFilter } from '../bundle/listing.ts'
import { checkNumber, checkOptions, checkTexts, invalidArgument } from '../format/argument.ts'
import { encodeAuditKey } from '../format/audit-key.ts'
import { decodeCheckpoint } from '../format/checkpoint.ts'
import { statementDigest } from '../format/eip712.ts'
import { fromHex, parseAddress, toHex } from '../format/hex.ts'
import { encodeNote } from '../format/signed-note.ts'
import { encodeTlogProof } from '../format/tlog-proof.ts'
import { followProvidersMax, treeSizeMax } from '../limits.ts'
import { digestOf, notAnEntry } from './entry-digest.ts'
import { createFollowedTrail } from './followed-trail.ts'
import type { HandleComponents } from '../bundle/bundle-handle.ts'
import type { SignedNote } from '../format/signed-note.ts'
import type {
  AuditEntry, AuditFilter, AuditTrail, CheckpointOptions, FollowOptions, LogCheckpoint
} from '../interface/audit.ts'
import type { Identity } from '../interface/network.ts'
import type { AbortOptions, Digest } from '../interface/primitives.ts'
import type { Statement } from '../interface/statement.ts'
import type { Store, StoredBundle } from '../interface/store.ts'
import type { Anchoring } from './anchoring.ts'
import type { AuditParts } from './audit-parts.ts'
import type { RunCall } from './run-call.ts'
import type { Trail } from './trail.ts'

/** What the calls about the trail need from the node. */
export interface AuditComponents extends HandleComponents {
  identity: Pick<Identity, 'address' | 'signer'>
  audit: Pick<AuditParts, 'anchoring' | 'statements' | 'guard' | 'witnesses' | 'bundles' | 'followed'>
}

/** What an entry is the digest of. */
type Subject = Pick<AuditEntry, 'cid' | 'kind' | 'statement' | 'task'>

/** The calls about the trail, over that of the node. */
export function createAuditTrail (components: AuditComponents, run: RunCall): AuditTrail {
  const { statements, guard, witnesses, bundles, followed } = components.audit
  return {
    checkpoint: async (options = {}) => await run(options, async ({ size, ...options }) => {
      const trail = await statements.flush()
      const described = describe(trail, await checkpointOf(trail, size, options))
      await witnesses.tell(trail, options)
      guard.throwIfRefused()
      return { ...described, witnesses: witnesses.of(described.size) }
    }),
    publish: async (options = {}) => await run(options, async options => {
      const { root } = await bundles.publish(await statements.flush(), options)
      return await openStored(components, root)
    }),
    follow: async (address, options = {}) => await run(options, async ({ signal }) => {
      const { providers } = checkFollow(options)
      return createFollowedTrail(await followed.follow(parseAddress(address), { providers, signal }), followed, run)
    }),
    followed: async (options = {}) => await run(options, async () =>
      (await followed.list()).map(log => createFollowedTrail(log, followed, run))),
    entries: (filter = {}, options = {}) => {
      checkFilter(filter)
      checkOptions(options)
      return listEntries(components, filter, options, run)
    },
    anchor: async (options = {}) => await run(options, async options => await anchoringOf(components).anchor(options)),
    anchored: async (options = {}) => await run(options, async options => [...await anchoringOf(components).anchored(options)]),
    proveInclusion: async (entry, options = {}) => await run(options, async options => {
      const digest = digestOf(entry)
      return await proveEntry(await statements.flush(), digest, options)
    }),
    proveConsistency: async (fromSize, toSize, options = {}) => await run(options, async options => {
      checkNumber(fromSize, 'fromSize', { min: 0, max: treeSizeMax })
      checkNumber(toSize, 'toSize', { min: 0, max: treeSizeMax })
      return await (await statements.flush()).proveConsistency(fromSize, toSize, options)
    })
  }
}

function describe ({ auditKey }: Trail, note: SignedNote): LogCheckpoint {
  const { origin, size, root } = decodeCheckpoint(note.text)
  return { origin, size, root, note: encodeNote(note), auditKey: encodeAuditKey(auditKey) }
}

async function checkpointOf (trail: Trail, size: number | undefined, options: AbortOptions): Promise<SignedNote> {
  checkNumber(size, 'size', { min: 0, max: treeSizeMax })
  return await trail.checkpointAt(size ?? trail.size, options)
}

async function proveEntry (trail: Trail, digest: Uint8Array,
  { size, ...options }: CheckpointOptions): Promise<Uint8Array<ArrayBuffer>> {
  const note = await checkpointOf(trail, size, options)
  const tree = decodeCheckpoint(note.text)
  const index = await trail.find(digest, options)
  if (index === undefined) throw notAnEntry(digest, 'the audit trail: this node did not sign it, or on another disk')
  return encodeTlogProof({ index, hashes: await trail.proveInclusion(index, tree.size, options), note })
}

function anchoringOf ({ audit: { anchoring } }: AuditComponents): Pick<Anchoring, 'anchor' | 'anchored'> {
  if (anchoring !== undefined) return anchoring
  throw new InvalidArgumentError('This node has no anchor: give createDataNode one as `anchor`', { argument: 'anchor' })
}

async function * listEntries (
  { audit: { statements }, store, identity }: AuditComponents, filter: AuditFilter, options: AbortOptions, run: RunCall
): AsyncGenerator<AuditEntry> {
  const isFiltered = filter.kind !== undefined || filter.task !== undefined
  const { trail, size, known } = await run(options, async () => {
    const trail = await statements.flush()
    return { trail, size: trail.size, known: subjectsOf(store, identity, filter) }
  })
  const entries = isFiltered ? indexed(trail, known.keys(), size, options) : numbered(trail, size)
  for await (const { index, digest } of entries) {
    options.signal?.throwIfAborted()
    yield { index, digest, ...known.get(digest) }
  }
}

async function * numbered (trail: Trail, size: number): AsyncGenerator<{ index: number, digest: Digest }> {
  let index = 0
  for await (const entry of trail.entries(0, size)) yield { index: index++, digest: toHex(entry) }
}

async function * indexed (trail: Trail, digests: Iterable<Digest>, size: number,
  options: AbortOptions): AsyncGenerator<{ index: number, digest: Digest }> {
  const found: { index: number, digest: Digest }[] = []
  for (const digest of digests) {
    const index = await trail.find(fromHex(digest), options)
    if (index !== undefined && index < size) found.push({ index, digest })
  }
  yield * found.sort((a, b) => a.index - b.index)
}

/** What is known of own statements, by their digests. */
function subjectsOf (store: Pick<Store, 'records'>, { signer: own }: Pick<Identity, 'signer'>, filter: AuditFilter): Map<Digest, Subject> {
  const subjects = new Map<Digest, Subject>()
  for (const stored of store.records()) {
    if (!matchesFilter(stored, filter)) continue
    for (const { statement, signer } of stored.statements) {
      if (signer === own) subjects.set(toHex(statementDigest(statement)), subjectOf(stored, statement))
    }
  }
  return subjects
}

function subjectOf ({ root, kind, task }: StoredBundle, statement: Statement): Subject {
  return { statement, cid: root, kind, ...task === undefined ? {} : { task } }
}

function checkFollow ({ providers }: FollowOptions): FollowOptions {
  if (providers === undefined) return {}
  checkTexts(providers, 'providers')
  if (providers.length > followProvidersMax) throw invalidArgument('providers', `at most ${followProvidersMax} multiaddrs`, providers)
  return { providers }
}
