import { describe, expect, it } from 'vitest'
import { openClaim } from '../../src/audit/claim.ts'
import { encodeDelegation } from '../../src/format/delegation.ts'
import { digestOf } from '../../src/format/digest.ts'
import { encodeStatement } from '../../src/format/statement.ts'
import { referenceCharactersMax } from '../../src/limits.ts'
import { keyed, miner, root, signedBy, statementOf, urn } from './fixtures.ts'
import { addressOf, delegate, walletKey } from '../network/delegations.ts'
import type { Claim } from '../../src/interface/verdict.ts'
import type { Statement } from '../../src/interface/statement.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const claimWith = (statement: unknown): unknown => ({ miner: keyed(1), ref: urn('a'), statement })

describe('openClaim', () => {
  it('reads what is claimed, and begins a verdict with it', () => {
    const { claim, verdict } = openClaim({ miner: miner(1), ref: root('a'), hash: digestOf(root('b')) } satisfies Claim)
    expect(claim).toMatchObject({ miner: miner(1), digest: digestOf(root('a')), hash: digestOf(root('b')), said: undefined })
    expect(verdict).toMatchObject({ miner: miner(1), ref: root('a').toString(), digest: digestOf(root('a')) })
  })

  it('takes a statement as an object, as bytes, and as text, and finds its signer', async () => {
    const statement = await signedBy(1, root('a'))
    for (const given of [statement, encodeStatement(statement), text(encodeStatement(statement))]) {
      const { claim, verdict } = openClaim(claimWith(given))
      expect(claim?.said).toEqual({ statement, signer: keyed(1) })
      expect(verdict.statements).toEqual([claim?.said])
    }
  })

  it('says malformed of a statement that is none, or has no valid signature', async () => {
    const good = await signedBy(1, root('a'))
    const highS = `0x${good.signature.slice(2, 66)}${'f'.repeat(64)}1b` as const
    const statements: unknown[] = [
      null, 5, {}, [], '', 'x', '{}', 'x'.repeat(1_000_000), new Uint8Array(), new Uint8Array(2_000), ` ${text(encodeStatement(good))}`,
      statementOf(keyed(1), root('a')).statement, { ...good, signature: highS }, { ...good, signature: `${good.signature.slice(0, -2)}1d` },
      { ...good, time: '-1' }, { ...good, task: { ...good.task, taskId: '00' } }
    ]
    for (const statement of statements) {
      const { claim, verdict } = openClaim(claimWith(statement))
      expect(claim).toBeUndefined()
      expect(verdict).toMatchObject({ status: 'malformed', digest: digestOf(root('a')), miner: keyed(1) })
      expect(verdict.error?.message).toBe(verdict.reason)
    }
  })

  it('takes a statement whose content was changed for that of somebody else', async () => {
    const changed: Statement = { ...await signedBy(1, root('a')), time: '1' }
    expect(openClaim(claimWith(changed)).claim?.said?.signer).not.toBe(keyed(1))
  })

  it('takes a delegation as an object, as bytes, and as text, and finds its wallet', async () => {
    const delegation = await delegate(101)
    const bytes = encodeDelegation(delegation)
    for (const given of [delegation, bytes, text(bytes)]) {
      const { claim } = openClaim({ miner: miner(1), ref: urn('a'), delegation: given } satisfies Claim)
      expect(claim?.delegations).toEqual([{ delegation, wallet: addressOf(walletKey) }])
    }
  })

  it('says malformed of a delegation that is none, or has no valid signature', async () => {
    const good = await delegate(101)
    for (const delegation of [null, 5, {}, '', 'x'.repeat(1_000_000), new Uint8Array(2_000), { ...good, until: 5 }, { ...good, signature: `${good.signature.slice(0, -2)}1d` }]) {
      const { claim, verdict } = openClaim({ miner: miner(1), ref: urn('a'), delegation })
      expect(claim).toBeUndefined()
      expect(verdict.status).toBe('malformed')
    }
  })

  it.each([undefined, null, 5, 'x', [], {}, { miner: miner(1) }, { ref: urn('a') }, { miner: miner(1), ref: urn('a'), hash: '0x01' },
    { miner: miner(1), ref: urn('a'), hash: 5 }, { miner: 5, ref: urn('a') }, { miner: miner(1), ref: Symbol('s') }])('says malformed of %o', value => {
    const { claim, verdict } = openClaim(value)
    expect(claim).toBeUndefined()
    expect(verdict).toMatchObject({ status: 'malformed', miner: expect.any(String) as string, ref: expect.any(String) as string })
    expect(verdict.reason).not.toBe('')
  })

  it('throws for nothing, however it is made', () => {
    const hostile: object = new Proxy({}, { get: () => { throw new RangeError('no') } })
    const thrower: object = Object.defineProperty({}, 'miner', { get: () => { throw 'text' as unknown as Error } })
    for (const value of [hostile, thrower, { miner: hostile, ref: hostile }, { miner: miner(1), ref: hostile }]) {
      expect(openClaim(value).verdict.status).toBe('malformed')
    }
  })

  it('keeps of a reference what evidence can hold', () => {
    expect(openClaim({ miner: miner(1), ref: 'x\ud800' }).verdict.ref).toBe('x\ufffd')
    for (const [length, kept] of [[referenceCharactersMax, referenceCharactersMax], [referenceCharactersMax + 1, referenceCharactersMax]] as const) {
      expect(openClaim({ miner: miner(1), ref: 'x'.repeat(length) }).verdict.ref).toHaveLength(kept)
    }
  })
})
