/**
 * The audit trail: statements signed and verified, also by others, entries appended in batches while a tree grows, and what opening it and proofs
 * cost at its size; publishing a bundle of 20 files of 2 KB with and without a trail, in turns. On disk, every write synced.
 * `mbPerSecond` is of entries, of the file of evidence, and of the content that is published. `ms` is the median but for `append`;
 * of publishing, `perSecond` counts all time, that of the last append included.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { recoverTypedDataAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { createStatementTrail } from '../../src/audit/statement-trail.ts'
import { verifyEvidence } from '../../src/audit/verify-evidence.ts'
import { publishBundle } from '../../src/bundle/publish.ts'
import { signersOf } from '../../src/format/delegated.ts'
import { signDelegation, verifyDelegation } from '../../src/format/delegation.ts'
import { statementDigest } from '../../src/format/eip712.ts'
import { hastenRecovery } from '../../src/format/recover-key.ts'
import { signStatement, verifyStatement } from '../../src/format/statement.ts'
import { createIdentity } from '../../src/network/identity.ts'
import { openStore } from '../../src/store/store.ts'
import { evidenceFiles } from '../audit/evidence-vectors.ts'
import { forge } from '../audit/forge.ts'
import { statementTypedData } from '../interop/typed-data.ts'
import { median, rounded } from './statistics.ts'
import { bytesOf, makeFiles, timed, warmRounds } from './store-work.ts'
import type { Trail } from '../../src/audit/trail.ts'
import type { PublishComponents } from '../../src/bundle/publish.ts'
import type { OtherManifest } from '../../src/interface/manifest.ts'
import type { Identity } from '../../src/interface/network.ts'
import type { StatementBody } from '../../src/interface/statement.ts'
import type { Store } from '../../src/interface/store.ts'
import type { BenchOptions } from './options.ts'
import type { WorkFile } from './store-work.ts'

/** One line of the table. */
export interface AuditRow {
  op: string
  /** Entries of the tree. */
  size: number | undefined
  perSecond: number | undefined
  /** Of one operation. */
  ms: number
  mbPerSecond: number | undefined
  /** Of a call on chain: see `gas.ts`. */
  gas: number | undefined
}

/** How much is measured. */
export interface AuditOptions extends BenchOptions {
  /** Sizes of the tree, each larger than the one before. */
  sizes?: readonly number[]
  /** Times that what is small is done. */
  rounds?: number
}

const entryBytes = 32
const largeBytes = 32 * 1024 * 1024
const piece = 16_384
/** Publishes one after the other in the same way: they take longer than statements wait for others. */
const turn = 50

export async function audit ({ sizes = [1e3, 1e4, 1e5, 1e6], rounds = 200 }: AuditOptions = {}): Promise<AuditRow[]> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-audit-'))
  const identity = createIdentity(randomBytes(32))
  try {
    return [
      ...await statements(identity, rounds),
      ...await evidence(rounds),
      ...await published(directory, identity, rounds),
      ...await grown(directory, identity, { sizes, rounds })
    ]
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function statements (identity: Identity, rounds: number): Promise<AuditRow[]> {
  const hash = `0x${'12'.repeat(32)}` as const
  const body: StatementBody = { kind: 'result', root: hash, answers: hash, access: 'anyone', salt: hash, time: '1700000000' }
  const sign = async (time: number): ReturnType<typeof signStatement> =>
    await signStatement({ ...body, time: String(time) }, async digest => await identity.sign(digest))
  const signed = await sign(0)
  const delegation = await signDelegation({ node: identity.address, until: '1', time: '0' }, async digest => await identity.sign(digest))
  // As a node does with its first fetch.
  await hastenRecovery()
  return [
    rowOf('sign', undefined, await each(rounds, async at => { await sign(at) })),
    rowOf('verify', undefined, await each(rounds, async () => { verifyStatement(signed) })),
    rowOf('verify, with a delegation', undefined, await each(rounds, async () => {
      signersOf(verifyStatement(signed), [verifyDelegation(delegation)])
    })),
    ...await rivals(body, rounds)
  ]
}

/** What others take for the same digest and the same signature, without checking the form of anything. */
async function rivals (body: StatementBody, rounds: number): Promise<AuditRow[]> {
  const key = randomBytes(32)
  const account = privateKeyToAccount(`0x${key.toString('hex')}`)
  const typedData = statementTypedData(body)
  const signature = await account.signTypedData(typedData)
  const digest = statementDigest(body)
  const made = secp256k1.sign(digest, key, { prehash: false, format: 'recovered' })
  return [
    rowOf('sign, viem', undefined, await each(rounds, async () => { await account.signTypedData(typedData) })),
    rowOf('verify, viem', undefined, await each(rounds, async () => { await recoverTypedDataAddress({ ...typedData, signature }) })),
    rowOf('sign, noble', undefined, await each(rounds, async () => { secp256k1.sign(statementDigest(body), key, { prehash: false, format: 'recovered' }) })),
    rowOf('verify, noble', undefined, await each(rounds, async () => { secp256k1.recoverPublicKey(made, statementDigest(body), { prehash: false }) }))
  ]
}

/** A file of six claims as it is, and one with a large artifact in it. */
async function evidence (rounds: number): Promise<AuditRow[]> {
  const [none, , all] = evidenceFiles
  const content = new Uint8Array(largeBytes).map((_, at) => at >> 20)
  const large = await forge(all.file, { evidence: { 'artifacts': undefined, 'artifacts/large.bin': content } })
  const row = async (op: string, file: Uint8Array, rounds: number): Promise<AuditRow> =>
    rowOf(op, undefined, await each(rounds, async () => { await verifyEvidence(file) }), file.byteLength)
  return [await row('verify evidence', none.file, rounds), await row('verify large evidence', large, Math.ceil(rounds / 50))]
}

/** In turns of some rounds each, so that what is appended beside publishing counts on its own side. */
async function published (directory: string, identity: Identity, rounds: number): Promise<AuditRow[]> {
  const store = await openAt(join(directory, 'publish'), identity)
  const logged = createStatementTrail({ store, identity, clock: Date.now, log: () => {} })
  const ways = [undefined, logged].map(statements => ({ statements, ms: [] as number[], allMs: 0 }))
  let seed = 0
  for (let round = 0; round < warmRounds; round++) await publish({ store, identity }, makeFiles('20x2KB', seed++))
  for (let done = 0; done < rounds; done += turn) {
    for (const way of ways) {
      way.allMs += await timed(async () => {
        for (let round = 0; round < Math.min(turn, rounds - done); round++) {
          const files = makeFiles('20x2KB', seed++)
          way.ms.push(await timed(async () => { await publish({ store, identity, statements: way.statements }, files) }))
        }
        await way.statements?.settle()
      })
    }
  }
  await logged.stop()
  await store.close()
  const bytes = bytesOf(makeFiles('20x2KB', 0))
  return ways.map(({ statements, ms, allMs }) => ({
    ...rowOf(`publish ${statements === undefined ? 'without' : 'with'} trail`, undefined, median(ms), bytes),
    perSecond: rounded(rounds * 1000 / allMs)
  }))
}

async function publish (components: Pick<PublishComponents, 'identity' | 'statements' | 'store'>, files: WorkFile[]): Promise<void> {
  const manifest = (): OtherManifest => ({ format: 'cortensor-bundle', version: '1.0', kind: 'note' })
  const kept = await publishBundle({ ...components, clock: Date.now, random: randomBytes }, { files, manifest, readers: 'anyone', embargoed: false })
  kept[Symbol.dispose]()
}

async function grown (directory: string, identity: Identity, { sizes, rounds }: { sizes: readonly number[], rounds: number }): Promise<AuditRow[]> {
  const store = await openAt(join(directory, 'trail'), identity)
  const open = async (): Promise<Trail> =>
    await createStatementTrail({ store, identity, clock: Date.now, log: () => {} }).flush()
  const rows: AuditRow[] = []
  let trail = await open()
  for (const size of sizes) {
    const added = size - trail.size
    const ms = await timed(async () => {
      while (trail.size < size) await trail.append(entriesFrom(trail.size, Math.min(size, trail.size + piece)))
    })
    rows.push(rowOf('append', size, ms / added, entryBytes))
    rows.push(rowOf('open', size, await timed(async () => { trail = await open() })))
    rows.push(rowOf('find', size, await timed(async () => { await trail.find(entriesFrom(0, 1)[0] ?? new Uint8Array(entryBytes)) })))
    rows.push(rowOf('prove inclusion', size, await each(rounds, async at => { await trail.proveInclusion((at * 7919) % size) })))
    rows.push(rowOf('prove consistency', size, await each(rounds, async at => { await trail.proveConsistency(1 + (at * 7919) % size) })))
  }
  await store.close()
  return rows
}

function openAt (path: string, { address }: Identity): Promise<Store> {
  return openStore({ path, address, storage: { keepFree: 0 } })
}

function entriesFrom (from: number, to: number): Uint8Array[] {
  return Array.from({ length: to - from }, (_, at) => new Uint8Array(createHash('sha256').update(String(from + at)).digest()))
}

/** Median milliseconds of one of many. */
async function each (rounds: number, work: (at: number) => Promise<void>): Promise<number> {
  const ms: number[] = []
  // Whoever is measured first would be the one that the engine has not compiled yet.
  for (let at = 0; at < Math.min(rounds, warmRounds); at++) await work(at)
  for (let at = 0; at < rounds; at++) ms.push(await timed(() => work(at)))
  return median(ms)
}

function rowOf (op: string, size: number | undefined, ms: number, bytes?: number): AuditRow {
  const mbPerSecond = bytes === undefined ? undefined : rounded(bytes / ms / 1000, 2)
  return { op, size, perSecond: rounded(1000 / ms), ms: rounded(ms, 3), mbPerSecond, gas: undefined }
}
