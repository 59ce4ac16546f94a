import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import { checkOfferOptions, offeredResults } from './audit/offered-results.ts'
import { createStatementTrail } from './audit/statement-trail.ts'
import { ScheduledReveals } from './bundle/scheduled-reveals.ts'
import { checkNumber, checkObject, checkOptional, invalidArgument } from './format/argument.ts'
import { encodeStatement } from './format/statement.ts'
import { tableReader } from './dataset/table.ts'
import { createIdentity } from './network/identity.ts'
import { createNetwork } from './network/network.ts'
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
import type { StatementTrail } from './audit/statement-trail.ts'
import type { DataNodeInit, Logger } from './interface/data-node.ts'
import type { Identity, Network } from './interface/network.ts'
import type { Statement } from './interface/statement.ts'
import type { Store } from './interface/store.ts'
import type { ServedRoot, Transfer } from './interface/transfer.ts'
import type { NetworkInit } from './network/network.ts'
import type { TableReader } from './interface/table.ts'
import type { CID } from 'multiformats/cid'

/** The parts of a data node. */
export interface Components {
  identity: Identity
  store: Store
  network: Network
  transfer: Transfer
  reveals: ScheduledReveals
  statements: StatementTrail
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
 * @throws {@link RepositoryLockedError}, {@link RepositoryVersionError}, {@link StorageError} for the repository
 * @throws {@link InvalidArgumentError} for the rest
 */
export async function buildComponents (init: DataNodeInit, overrides: ComponentOverrides = {}): Promise<Components> {
  checkObject(init, 'init')
  checkOptional(init.logger, 'logger', 'function')
  if (init.offers !== undefined) checkOfferOptions(init.offers)
  checkNumber(init.uploadBytesPerSecond, 'uploadBytesPerSecond', { min: 1, max: Number.MAX_SAFE_INTEGER })
  checkNumber(init.downloadBytesPerSecond, 'downloadBytesPerSecond', { min: 1, max: Number.MAX_SAFE_INTEGER })
  const limits = peerLimits(init.limits)
  const home = checkHome(init.home)
  const log = safeLog(init.logger ?? (() => {}))
  const identity = createIdentity(await resolvePrivateKey({ privateKey: init.privateKey, home }))
  const { downloadBytesPerSecond, storage = {}, uploadBytesPerSecond } = init
  const store = await openStore({ path: repositoryPath(home, identity), address: identity.address, log, storage })
  const upload = uploadBytesPerSecond === undefined
    ? undefined
    : new RateLimit(uploadBytesPerSecond, { now: () => performance.now() })
  const statements = createStatementTrail({ store, identity, clock: Date.now, log })
  let network: Network | undefined
  try {
    await statements.start()
    network = await createNetwork({
      identity,
      publicBlocks: store.publicBlocks,
      pace: upload?.take.bind(upload),
      routers: init.routers ?? [],
      listen: init.listen,
      announce: init.announce,
      networkKey: init.networkKey,
      peers: init.peers,
      limits,
      log,
      ...overrides
    })
    const { mayRead } = new ReaderCheck({ log })
    const transfer = createTransfer({ network, log, downloadBytesPerSecond, mayRead })
    const onAnswered = transfer.expect.bind(transfer)
    const lookUp = (root: CID): ServedRoot | undefined => served(store, root)
    await serveDag({ network, blocks: store, lookUp, mayRead, log, onAnswered, upload, places: new ServePlaces(limits) })
    const reveals = new ScheduledReveals({ store, clock: Date.now, log })
    const made = { identity, store, network, transfer, reveals, statements, clock: Date.now, random: randomBytes, log }
    const components = { ...made, tables: tableReader, retention: storage.retentionMs ?? {} }
    await acceptOffers({ network, log, policy: offeredResults(components, init.offers) })
    await reveals.look()
    return components
  } catch (error) {
    await network?.stop()
    await statements.stop()
    await store.close()
    throw error
  }
}

/** Stops the parts in reverse. */
export async function stopComponents ({ reveals, transfer, network, statements, store }: Components): Promise<void> {
  await reveals.stop()
  await transfer.stop()
  await network.stop()
  await statements.stop()
  await store.close()
}

function checkHome (home: unknown): string {
  if (typeof home !== 'string' || home === '' || home.includes('\0')) throw invalidArgument('home', "the path of a directory, or ':memory:'", home)
  return home === ':memory:' ? home : resolve(home)
}

function repositoryPath (home: string, { address }: Pick<Identity, 'address'>): string {
  return home === ':memory:' ? home : join(home, address)
}

function served (store: Store, root: CID): ServedRoot | undefined {
  const stored = store.record(root)
  return stored && {
    blocks: store.reader(root),
    keep: () => store.keep(root),
    readers: stored.readers,
    embargoed: stored.embargoed,
    bytes: stored.bytes,
    access: stored.readers === 'anyone' ? 'anyone' : 'restricted',
    statements: stored.statements.map(({ statement }) => encoded(statement))
  }
}

/** Those that were served: writing one takes longer than sending it. */
const encodedStatements = new WeakMap<Statement, Uint8Array>()

function encoded (statement: Statement): Uint8Array {
  const bytes = encodedStatements.get(statement) ?? encodeStatement(statement)
  encodedStatements.set(statement, bytes)
  return bytes
}
