import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { checkAnchor } from './audit/anchor-options.ts'
import { connectAuditParts, createAuditParts, startAuditParts, stopAuditParts } from './audit/audit-parts.ts'
import { checkOfferOptions, offeredResults } from './audit/offered-results.ts'
import { ScheduledReveals } from './bundle/scheduled-reveals.ts'
import { storedVersions } from './dataset/known-versions.ts'
import { namedVersions } from './dataset/named-versions.ts'
import { serveVersions } from './dataset/serve-versions.ts'
import { checkNumber, checkObject, checkOptional, invalidArgument } from './format/argument.ts'
import { encodeDelegation } from './format/delegation.ts'
import { encodeStatement } from './format/statement.ts'
import { tableReader } from './dataset/table-reader.ts'
import { resolveIdentity } from './network/identity.ts'
import { KnownDelegations } from './network/known-delegations.ts'
import { createNetwork } from './network/network.ts'
import { PeerDelegations } from './network/peer-delegations.ts'
import { peerLimits } from './network/peer-limits.ts'
import { resolvePrivateKey } from './network/private-key.ts'
import { safeLog } from './network/safe-log.ts'
import { openStore } from './store/store.ts'
import { acceptOffers } from './transfer/accept-offers.ts'
import { createTransfer } from './transfer/fetch.ts'
import { RateLimit } from './transfer/rate-limit.ts'
import { ReaderCheck } from './transfer/readers.ts'
import { ServePlaces } from './transfer/serve-places.ts'
import { serveDag } from './transfer/serve.ts'
import type { AuditParts } from './audit/audit-parts.ts'
import type { StatementTrail } from './audit/statement-trail.ts'
import type { KnownVersions } from './dataset/known-versions.ts'
import type { NamedVersion } from './interface/dataset-trail.ts'
import type { DataNodeInit, Logger } from './interface/data-node.ts'
import type { Identity, Network } from './interface/network.ts'
import type { PeerLimits } from './interface/peer-limits.ts'
import type { Store } from './interface/store.ts'
import type { ServedRoot, Transfer } from './interface/transfer.ts'
import type { NodeIdentity } from './network/identity.ts'
import type { NetworkInit } from './network/network.ts'
import type { TableReader } from './interface/table-reader.ts'
import type { CID } from 'multiformats/cid'

/** The parts of a data node. */
export interface Components {
  identity: Identity
  store: Store
  network: Network
  transfer: Transfer
  reveals: ScheduledReveals
  /** Those of `audit`. */
  statements: StatementTrail
  versions: KnownVersions
  /** Versions that the trails name which this node follows. */
  named: () => Promise<readonly NamedVersion[]>
  /** Those of wallets that this node has seen. */
  delegations: KnownDelegations
  audit: AuditParts
  tables: TableReader
  /** Milliseconds for which what is published stays, by kind. */
  retention: Readonly<Record<string, number>>
  /** Milliseconds since 1970. */
  clock: () => number
  random: (bytes: number) => Uint8Array
  log: Logger
}

/** What the in-memory network of `testing/` puts in place of the real thing. */
export type ComponentOverrides = Pick<Partial<NetworkInit>, 'transports'>

/**
 * Builds the parts in order; when one fails, those before it are stopped again.
 *
 * @throws {@link KeyMissingError}, {@link InvalidKeyError}, {@link IdentityMismatchError} for the key, or for that of the network
 * @throws {@link InvalidDelegationError}, {@link WrongDelegationError} for the delegation
 * @throws {@link RepositoryLockedError}, {@link RepositoryVersionError}, {@link StorageError} for the repository
 * @throws {@link InvalidArgumentError} for the rest
 */
export async function buildComponents (init: DataNodeInit, overrides: ComponentOverrides = {}): Promise<Components> {
  checkInit(init)
  const parts = await openParts(init)
  let network: Network | undefined
  try {
    await startAuditParts(parts.audit)
    network = await createNetwork({ ...placeOf(init), ...meansOf(parts), ...overrides })
    return await connectParts(init, parts, network)
  } catch (error) {
    await stopAuditParts(parts.audit)
    await network?.stop()
    await parts.store.close()
    throw error
  }
}

/** Stops the parts in reverse. */
export async function stopComponents ({ reveals, transfer, network, audit, store }: Components): Promise<void> {
  await reveals.stop()
  await stopAuditParts(audit)
  await transfer.stop()
  await network.stop()
  await store.close()
}

/** What a node has before it meets anybody. */
interface OwnParts extends Pick<Components, 'audit' | 'delegations' | 'log' | 'retention' | 'store' | 'versions'> {
  identity: NodeIdentity
  limits: Required<PeerLimits>
  speakers: PeerDelegations
  /** Absent when it sends as fast as it can. */
  upload: RateLimit | undefined
}

async function openParts (init: DataNodeInit): Promise<OwnParts> {
  const limits = peerLimits(init.limits)
  const home = checkHome(init.home)
  const log = safeLog(init.logger ?? (() => {}))
  const identity = resolveIdentity(await resolvePrivateKey({ privateKey: init.privateKey, home }), init)
  const { storage = {}, uploadBytesPerSecond } = init
  const store = await openStore({ path: repositoryPath(home, identity), address: identity.address, log, storage })
  const now = (): number => performance.now()
  const upload = uploadBytesPerSecond === undefined ? undefined : new RateLimit(uploadBytesPerSecond, { now })
  const retention = storage.retentionMs ?? {}
  const delegations = new KnownDelegations()
  const versions = storedVersions({ store, delegationsOf: wallet => delegations.of(wallet) })
  const named = async (): Promise<NamedVersion[]> => await namedVersions({ versions, store }, identity.signer)
  const audit = createAuditParts({ ...init, named, store, identity, clock: Date.now, random: randomBytes, retention, log })
  const speakers = new PeerDelegations({ known: delegations, clock: Date.now, log })
  return { audit, delegations, identity, limits, log, retention, speakers, store, upload, versions }
}

/** With what a node meets others. */
function meansOf (
  { identity, limits, log, speakers, store: { publicBlocks }, upload }: OwnParts
): Pick<NetworkInit, 'delegations' | 'identity' | 'limits' | 'log' | 'pace' | 'publicBlocks'> {
  return { identity, publicBlocks, pace: upload?.take.bind(upload), delegations: speakers, limits, log }
}

/** Asks and answers others from now on. */
async function connectParts (init: DataNodeInit, parts: OwnParts, network: Network): Promise<Components> {
  const { audit, delegations, identity, limits, log, retention, speakers, store, upload, versions } = parts
  const { mayRead } = new ReaderCheck({ log, walletOf: speakers.walletOf })
  const delegation = identity.delegation && encodeDelegation(identity.delegation.delegation)
  const transfer = createTransfer({ network, log, downloadBytesPerSecond: init.downloadBytesPerSecond, mayRead, delegation })
  const onAnswered = transfer.expect.bind(transfer)
  const lookUp = (root: CID): ServedRoot | undefined => served(store, delegations, root)
  const { show, accountOf } = speakers
  await serveDag({ network, blocks: store, lookUp, mayRead, show, log, onAnswered, upload, places: new ServePlaces(limits) })
  const reveals = new ScheduledReveals({ store, clock: Date.now, log })
  const named = audit.followed.named.bind(audit.followed)
  await serveVersions({ network, versions, store, mayRead, named })
  const components: Components = {
    identity, store, network, transfer, reveals, statements: audit.statements, versions, named, delegations, audit,
    tables: tableReader, retention, clock: Date.now, random: randomBytes, log
  }
  await connectAuditParts(audit, { ...components, mayRead })
  await acceptOffers({ network, log, accountOf, policy: offeredResults(components, init.offers) })
  await reveals.look()
  return components
}

/** What no part checks by itself, before anything is opened. */
function checkInit (init: DataNodeInit): void {
  checkObject(init, 'init')
  checkOptional(init.logger, 'logger', 'function')
  if (init.offers !== undefined) checkOfferOptions(init.offers)
  checkNumber(init.uploadBytesPerSecond, 'uploadBytesPerSecond', { min: 1, max: Number.MAX_SAFE_INTEGER })
  checkNumber(init.downloadBytesPerSecond, 'downloadBytesPerSecond', { min: 1, max: Number.MAX_SAFE_INTEGER })
  checkAnchor(init)
}

/** Where a node can be met, and whom it meets. */
function placeOf (
  { announce, listen, networkKey, peers, routers = [] }: DataNodeInit
): Pick<NetworkInit, 'announce' | 'listen' | 'networkKey' | 'peers' | 'routers'> {
  return { announce, listen, networkKey, peers, routers }
}

function checkHome (home: unknown): string {
  if (typeof home !== 'string' || home === '' || home.includes('\0')) throw invalidArgument('home', "the path of a directory, or ':memory:'", home)
  return home === ':memory:' ? home : resolve(home)
}

function repositoryPath (home: string, { address }: Pick<Identity, 'address'>): string {
  return home === ':memory:' ? home : join(home, address)
}

function served (store: Store, known: KnownDelegations, root: CID): ServedRoot | undefined {
  const stored = store.record(root)
  return stored && {
    blocks: store.reader(root),
    keep: () => store.keep(root),
    readers: stored.readers,
    embargoed: stored.embargoed,
    bytes: stored.bytes,
    access: stored.readers === 'anyone' ? 'anyone' : 'restricted',
    statements: stored.statements.map(({ statement }) => encoded(statement, encodeStatement)),
    delegations: known.with(stored.delegations ?? []).map(({ delegation }) => encoded(delegation, encodeDelegation))
  }
}

/** Those that were served: writing one takes longer than sending it. */
const encodings = new WeakMap<object, Uint8Array>()

function encoded<T extends object> (signed: T, encode: (signed: T) => Uint8Array): Uint8Array {
  const bytes = encodings.get(signed) ?? encode(signed)
  encodings.set(signed, bytes)
  return bytes
}
