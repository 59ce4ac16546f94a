import { describe, expect, it } from 'vitest'
import { verifyEvidence } from '../../src/audit/verify-evidence.ts'
import { encodeDelegation } from '../../src/format/delegation.ts'
import { Random } from '../faults/random.ts'
import { identityOf } from '../network/support.ts'
import { delegate, delegatedEvidence, keys } from './delegated-evidence.ts'
import { delegatedFile } from './evidence-vectors.ts'
import { forge } from './forge.ts'
import type { Change, Forgery } from './forge.ts'
import type { EvidenceClaim, VerifiedEvidence } from '../../src/interface/evidence.ts'

const { file, signer, wallets: [oracleWallet], claims } = delegatedFile
const [miner, minerWallet] = [identityOf(keys.miner).address, identityOf(keys.minerWallet).address]
const known = await verifyEvidence(file)
const signedAt = Number(known.statement.time)
const own = `delegations/${oracleWallet!}.json`
const ofMiner = `delegations/${minerWallet}.json`

const claimOf = ({ claims }: VerifiedEvidence, code: string): EvidenceClaim | undefined => claims.find(claim => claim.code === code)
const refusal = async (forgery: Forgery): Promise<unknown> => await verifyEvidence(await forge(file, forgery)).catch((error: unknown) => error)
const encoded = async (...said: Parameters<typeof delegate>): Promise<Uint8Array> => encodeDelegation(await delegate(...said))

describe('delegations in evidence', () => {
  it('let the result of a node count as its miner\'s, and say so', () => {
    expect(known.claims.map(({ code, subject, holds }) => ({ code, subject, holds }))).toEqual(claims)
    expect(known).toMatchObject({ ok: true, signer, verdicts: [{ miner: minerWallet, status: 'ok' }] })
    expect(claimOf(known, 'result')).toMatchObject({ subject: minerWallet, holds: 'proven' })
    expect(claimOf(known, 'result')?.words).toMatch(new RegExp(`^${miner} signed .* as the result of ${minerWallet} .* speaks for wallet ${minerWallet} from 20.*Z until 20`))
    expect(claimOf(known, 'verdict')).toMatchObject({ holds: 'proven', words: expect.stringContaining(`node ${miner} speaks for wallet ${minerWallet}`) as string })
  })

  it('say for whom whoever published it speaks', () => {
    expect(known.wallets).toEqual([oracleWallet])
    expect(claimOf(known, 'delegation')).toMatchObject({ subject: oracleWallet, holds: 'proven' })
    expect(claimOf(known, 'delegation')?.words).toMatch(new RegExp(`^node ${signer} speaks for wallet ${oracleWallet!} from 20\\d\\d-.*Z until 20\\d\\d-.*Z$`))
  })

  it('are refuted, with what came of them, by a revocation that whoever verifies it knows', async () => {
    const revoked = await verifyEvidence(file, { delegations: [await delegate(keys.minerWallet, keys.miner, { time: signedAt + 60, until: 0 })] })
    expect(revoked.ok).toBe(false)
    expect(claimOf(revoked, 'result')).toBeUndefined()
    expect(claimOf(revoked, 'verdict')).toMatchObject({ holds: 'refuted', words: expect.stringContaining('or was revoked') as string })
    expect(claimOf(revoked, 'delegation')).toMatchObject({ holds: 'proven' })
    const thief = { time: signedAt + 60, until: signedAt - 1 }
    const published = await verifyEvidence(file, { delegations: [await encoded(keys.oracleWallet, keys.oracle, thief)] })
    expect(published).toMatchObject({ ok: false, wallets: [] })
    expect(claimOf(published, 'delegation')).toMatchObject({ holds: 'refuted', words: expect.stringContaining('or it was taken back') as string })
    expect(claimOf(published, 'verdict')).toMatchObject({ holds: 'proven' })
  })

  it('stand when a later one takes back nothing of what was signed', async () => {
    const moved = await delegate(keys.minerWallet, keys.router, { time: signedAt + 60, until: signedAt + 120 })
    expect((await verifyEvidence(file, { delegations: [moved] })).ok).toBe(true)
  })

  it('are needed: without the miner\'s the verdict is refuted, and without the publisher\'s it is nobody\'s but the node\'s', async () => {
    const without = await verifyEvidence(await forge(file, { evidence: { [ofMiner]: undefined } }))
    expect(claimOf(without, 'verdict')).toMatchObject({ holds: 'refuted', words: expect.stringContaining('wrong-signer') as string })
    expect(await verifyEvidence(await forge(file, { envelope: { [own]: undefined } }))).toMatchObject({ ok: true, signer, wallets: [] })
  })

  it('refute what they do not cover', async () => {
    const early = { time: signedAt - 100, until: signedAt - 50 }
    const late = await verifyEvidence(await forge(file, { evidence: { [ofMiner]: await encoded(keys.minerWallet, keys.miner, early) } }))
    expect(claimOf(late, 'verdict')).toMatchObject({ holds: 'refuted' })
    const over = await verifyEvidence(await forge(file, { envelope: { [own]: await encoded(keys.oracleWallet, keys.oracle, early) } }))
    expect(over).toMatchObject({ ok: false, wallets: [] })
  })

  it('are refused when they are of another wallet than their name, of no miner in it, or of another node than signed it', async () => {
    const terms = { time: signedAt - 10, until: signedAt + 10 }
    const other = await encoded(keys.router, keys.miner, terms)
    const elsewhere = await encoded(keys.oracleWallet, keys.router, terms)
    const stranger = `delegations/${identityOf(keys.router).address}.json`
    const rows: [Change, Change, string][] = [
      [{ [ofMiner]: other }, {}, 'result'],
      [{ [stranger]: await encoded(keys.minerWallet, keys.miner, terms) }, {}, 'result'],
      [{ [ofMiner]: new Uint8Array([123, 125]) }, {}, 'result'],
      [{ 'delegations/x.json': other }, {}, 'result'],
      [{}, { [own]: other }, 'delegation'],
      [{}, { [own]: elsewhere }, 'delegation'],
      [{}, { [stranger]: await encoded(keys.oracleWallet, keys.oracle, terms) }, 'delegation'],
      [{}, { 'delegations/x.json': other }, 'delegation']
    ]
    for (const [evidence, envelope, claim] of rows) {
      expect(await refusal({ evidence, envelope })).toMatchObject({ name: 'InvalidEvidenceError', details: { claim } })
    }
    expect(await refusal({ evidence: { [stranger]: other } })).toMatchObject({ message: expect.stringMatching(/on whom there is no verdict/) as string })
  })

  it('are refused when any byte of them is another one', async () => {
    const random = new Random('flipped delegations', '1')
    const bytes = Buffer.from(file)
    const first = bytes.indexOf('cortensor-delegation')
    for (const at of [first, bytes.indexOf('cortensor-delegation', first + 1)]) {
      expect(at).toBeGreaterThan(0)
      for (let offset = -12; offset < 280; offset += 3) {
        const changed = Uint8Array.from(file)
        changed[at + offset]! ^= 1 << random.below(8)
        await expect(verifyEvidence(changed)).rejects.toMatchObject({ name: 'InvalidEvidenceError' })
      }
    }
  })

  it('that are given have to be delegations', async () => {
    await expect(verifyEvidence(file, { delegations: 5 as never })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    await expect(verifyEvidence(file, { delegations: ['{}'] })).rejects.toMatchObject({ name: 'InvalidDelegationError' })
    await expect(verifyEvidence(file, { delegations: Array(1025).fill('{}') as string[] })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })

  it('go into the file of an oracle that speaks for a wallet, also where another node exports it', async () => {
    await using made = await delegatedEvidence()
    const { router, oracle, evidence } = made
    const exported = Buffer.concat(await Array.fromAsync(oracle.exportEvidence(evidence.urn)))
    expect(await verifyEvidence(exported)).toMatchObject({ ok: true, signer: oracle.address, wallets: [oracle.account] })
    await (await router.open(evidence.urn, { providers: [oracle.address], hold: true })).close()
    const elsewhere = Buffer.concat(await Array.fromAsync(router.exportEvidence(evidence.urn)))
    expect(await verifyEvidence(elsewhere)).toMatchObject({ ok: true, signer: oracle.address, wallets: [oracle.account], logs: [] })
  })
})
