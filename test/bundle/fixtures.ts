import { privateKeyToAccount } from 'viem/accounts'
import { LimitExceededError, PeerUnreachableError, UnavailableError } from '../../src/errors.ts'
import { linksOf } from '../../src/format/dag-links.ts'
import { DagWalk } from '../../src/format/dag-walk.ts'
import { deriveNonce } from '../../src/format/nonce.ts'
import { createIdentity } from '../../src/network/identity.ts'
import { encodeStatement } from '../../src/format/statement.ts'
import { tableReader } from '../../src/dataset/table-reader.ts'
import { publishBundle } from '../../src/bundle/publish.ts'
import { FakeStore } from './fake-store.ts'
import type { HandleComponents } from '../../src/bundle/bundle-handle.ts'
import type { FetchComponents } from '../../src/bundle/fetch.ts'
import type { BundleInit, PublishBundleOptions, PublishComponents } from '../../src/bundle/publish.ts'
import type { Manifest, OtherManifest } from '../../src/interface/manifest.ts'
import type { Identity, RouterPeer } from '../../src/interface/network.ts'
import type { Offer } from '../../src/interface/offer.ts'
import type { FileSource } from '../../src/interface/source.ts'
import type { StoredBundle } from '../../src/interface/store.ts'
import type { ConfirmRootOptions, FetchDagOptions, FetchedDag, ProviderAttempt, Transfer } from '../../src/interface/transfer.ts'
import type { CID } from 'multiformats/cid'

/** Everything that the verbs of this folder take, over maps. */
export type TestNode = PublishComponents & FetchComponents & HandleComponents & {
  store: FakeStore
  identity: Identity
  lines: string[]
  /** What routers were asked to hold; they do at once. */
  offers: { offer: Offer, options: ConfirmRootOptions }[]
}

let seed = 0

/** A node of which the n-th key, clock and randomness are always the same. It has two routers. */
export function testNode (key: number, transfer: Pick<Transfer, 'fetchDag'> = new FakeTransfer([])): TestNode {
  const lines: string[] = []
  const offers: TestNode['offers'] = []
  let now = 1_700_000_000_000
  return {
    store: new FakeStore(),
    identity: testIdentity(key),
    transfer: {
      fetchDag: async (root, into, options) => transfer.fetchDag(root, into, options),
      confirm: async (offer, options) => {
        offers.push({ offer, options })
        return [testIdentity(9).address]
      }
    },
    clock: () => now++,
    random: length => new Uint8Array(length).map(() => (seed = (seed * 75 + 74) % 65_537) & 255),
    log: line => lines.push(line),
    tables: tableReader,
    network: { multiaddrs: ['/ip4/127.0.0.1/tcp/9100'], routerPeers: () => ['a', 'b'].map(unreachable) },
    lines,
    offers
  }
}

function unreachable (name: string): RouterPeer {
  return { name, find: () => undefined, connect: async () => { throw new PeerUnreachableError(`${name} is not there`) } }
}

/** Signs with viem, which is not what the library verifies with. */
export function testIdentity (key: number): Identity {
  const privateKey = `0x${key.toString(16).padStart(64, '0')}` as const
  const account = privateKeyToAccount(privateKey)
  const address = account.address.toLowerCase() as `0x${string}`
  return {
    address,
    account: address,
    signer: address,
    delegation: undefined,
    peerId: `peer-${key}`,
    sign: async digest => Buffer.from((await account.sign({ hash: `0x${Buffer.from(digest).toString('hex')}` })).slice(2), 'hex'),
    deriveNonce: (label, message) => deriveNonce(Buffer.from(privateKey.slice(2), 'hex'), label, message),
    deriveSigner: label => createIdentity(Buffer.from(privateKey.slice(2), 'hex')).deriveSigner(label)
  }
}

/** Copies what is asked for out of other nodes' stores, by the order of the wire protocol. */
export class FakeTransfer implements Pick<Transfer, 'fetchDag'> {
  readonly stores: FakeStore[]
  readonly calls: { options: FetchDagOptions, blocks: CID[] }[] = []
  /** Awaited before anything is sent. */
  gate: (options: FetchDagOptions) => Promise<void> = async () => {}
  answer: Partial<FetchedDag> = {}
  /** Bytes that are said to come. */
  announced = 0

  constructor (stores: FakeStore[]) {
    this.stores = stores
  }

  async fetchDag (root: CID, into: Parameters<Transfer['fetchDag']>[1], options: FetchDagOptions): Promise<FetchedDag> {
    const call = { options, blocks: [] as CID[] }
    this.calls.push(call)
    await this.gate(options)
    options.signal?.throwIfAborted()
    const store = this.stores.find(store => store.record(root) !== undefined)
    const record = store?.record(root)
    if (store === undefined || record === undefined) throw new UnavailableError(`nobody has ${root.toString()}`)
    into.expect?.(this.announced)
    let bytes = 0
    const walk = new DagWalk(root, { ...options, since: options.from })
    for (let step = walk.next(); step !== undefined; step = walk.next()) {
      const block = await store.get(step.cid)
      walk.supply(block)
      if (!step.wanted || (options.bytesThere !== undefined && await into.has(step.cid))) continue
      if (bytes >= (options.enoughBytes ?? Infinity)) break
      call.blocks.push(step.cid)
      bytes += block.byteLength
      if (bytes > options.bytesMax) throw new LimitExceededError('more than bytesMax')
      await into.put(step.cid, block)
    }
    options.onProgress?.({ type: 'datanode:fetch:progress', detail: { bytesDone: bytes, bytesThere: 0, bytesPerSecond: 1, providers: ['p'] } })
    const access = record.readers === 'anyone' ? 'anyone' : 'restricted'
    const statements = record.statements.map(({ statement }) => encodeStatement(statement))
    if (call.blocks.length === 0) return { access: 'restricted', statements: [], bytes: 0, provider: '', attempts: [] }
    const attempts: ProviderAttempt[] = [{ provider: 'p', outcome: 'ok', reason: '', bytes, elapsedMs: 1, timeline: [] }]
    const fetched = { access, statements, bytes, provider: 'p', attempts, ...this.answer } as const
    options.onSaid?.(fetched)
    return fetched
  }
}

/** A bundle of a kind that nobody knows. */
export function noteInit (files: FileSource[], init: Partial<BundleInit<OtherManifest>> = {}): BundleInit<OtherManifest> {
  return {
    files,
    manifest: () => ({ format: 'cortensor-bundle', version: '1.0', kind: 'note' }),
    readers: 'anyone',
    embargoed: false,
    ...init
  }
}

/** Publishes a bundle, and does not keep it beyond its holds. */
export async function publishStored<M extends Manifest> (
  node: PublishComponents, init: BundleInit<M>, options: PublishBundleOptions = {}
): Promise<StoredBundle> {
  const kept = await publishBundle(node, init, options)
  kept[Symbol.dispose]()
  return kept.stored
}

/** Every block below a root, to be compared with what a store has. */
export async function blocksBelow (store: FakeStore, root: CID): Promise<Set<string>> {
  const found = new Set<string>()
  for (const waiting = [root]; waiting.length > 0;) {
    const cid = waiting.pop() as CID
    found.add(cid.toString())
    waiting.push(...linksOf(cid, await store.get(cid)))
  }
  return found
}
