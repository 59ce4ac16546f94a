import { describe, expect, it } from 'vitest'
import { openClaim } from '../../src/audit/claim.ts'
import { judge } from '../../src/audit/judge.ts'
import {
  CorruptTransferError, InvalidDagError, InvalidManifestError, LimitExceededError, RefusedError, StorageError, StorageFullError, TimedOutError,
  UnavailableError, WrongKindError
} from '../../src/errors.ts'
import { digestOf } from '../../src/format/digest.ts'
import { components, keyed, miner, resultOf, root, signedBy, statementOf, task, urn } from './fixtures.ts'
import type { Terms, VerdictComponents } from '../../src/audit/judge.ts'
import type { ResultBundle } from '../../src/interface/bundle.ts'
import type { Delegation } from '../../src/interface/delegation.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import type { Claim, Verdict } from '../../src/interface/verdict.ts'

const terms: Terms = {
  task, taskId: '0', miners: new Set([keyed(1), keyed(2)]), hashOf: undefined, timeoutMs: 20_000, fetchOptions: {},
  signal: new AbortController().signal
}

/** The verdict on a claim, by default of miner 1 on root a. */
async function judged (
  found: ResultBundle | Error, claim: Partial<Claim> = {}, changed: Partial<Terms> = {}, node: Partial<VerdictComponents> = {}
): Promise<Verdict> {
  const open = openClaim({ miner: keyed(1), ref: urn('a'), ...claim })
  await judge({ ...components({ [urn('a')]: found }), ...node }, open, { ...terms, ...changed })
  return open.verdict
}

const good = resultOf(keyed(1), 'a')
const embargoed = new UnavailableError('not yet', { status: 'embargoed' })

describe('judge', () => {
  it('says ok, with the result, its statement and its content', async () => {
    const verdict = await judged(good)
    expect(verdict).toMatchObject({
      status: 'ok', digest: good.digest, result: good, statement: good.statements[0]?.statement, statements: good.statements
    })
    expect(verdict.content).toMatch(/^0x[0-9a-f]{64}$/)
    expect(verdict).not.toHaveProperty('error')
  })

  describe('of a node that speaks for the miner', () => {
    const signed = statementOf(miner(5), root('a'))
    const delegation: Delegation = { node: miner(5), until: '9', time: '0', signature: '0x' }
    const delegations = [{ wallet: keyed(1), delegation }]
    const found = (more: object = {}): ResultBundle => resultOf(keyed(1), 'a', { statements: [signed], ...more })

    it('says ok, and by whose delegation', async () => {
      const verdict = await judged(found({ delegations }))
      expect(verdict).toMatchObject({ status: 'ok', statement: signed.statement, delegation })
      expect(verdict.reason).toBe(`complete, verified, signed by ${miner(5)} for ${keyed(1)}`)
      expect(await judged(good)).not.toHaveProperty('delegation')
    })

    it('says ok by a delegation that this node knows of', async () => {
      expect(await judged(found(), {}, {}, { delegationsOf: wallet => wallet === keyed(1) ? delegations : [] })).toMatchObject({ status: 'ok', delegation })
    })

    it('says wrong-signer when this node knows that it was revoked', async () => {
      const revoked = [{ wallet: keyed(1), delegation: { ...delegation, time: '0', until: '0', signature: '0x01' as const } }]
      const late = { ...signed, statement: { ...signed.statement, time: '1' } }
      const result = found({ delegations, statements: [late] })
      expect(await judged(result)).toMatchObject({ status: 'ok' })
      expect(await judged(result, {}, {}, { delegationsOf: () => revoked })).toMatchObject({ status: 'wrong-signer' })
    })

    it('says wrong-signer without a delegation of the miner', async () => {
      expect(await judged(found())).toMatchObject({ status: 'wrong-signer' })
      expect(await judged(found({ delegations: [{ wallet: keyed(2), delegation }] }))).toMatchObject({ status: 'wrong-signer' })
    })
  })

  it.each([
    ['unavailable', new UnavailableError('nobody')],
    ['unavailable', new TimedOutError('late')],
    ['unavailable', new RefusedError('busy')],
    ['unavailable', new CorruptTransferError('lies')],
    ['unavailable', new StorageFullError('no room')],
    ['malformed', new WrongKindError('a task')],
    ['malformed', new InvalidManifestError('not JSON')],
    ['malformed', new InvalidDagError('lies')],
    ['malformed', new LimitExceededError('too large')],
    ['copied', resultOf(keyed(2), 'a')],
    ['wrong-task', resultOf(keyed(1), 'a', { taskId: '5' })],
    ['wrong-task', resultOf(keyed(1), 'a', { answers: root('other') })],
    ['unsigned', resultOf(keyed(1), 'a', { statements: [] })],
    ['wrong-signer', resultOf(keyed(1), 'a', { statements: [statementOf(miner(2), root('a'))] })]
  ])('says %s, with the error and what was found (%#)', async (status, found) => {
    const verdict = await judged(found)
    expect(verdict).toMatchObject({ status, digest: good.digest, error: { message: verdict.reason } })
    expect(verdict.result).toBe(found instanceof Error ? undefined : found)
    expect(verdict.statements).toEqual(found instanceof Error ? undefined : found.statements)
    expect(verdict.copiedFrom).toBe(status === 'copied' ? keyed(2) : undefined)
  })

  it('says embargoed when it was not revealed in time', async () => {
    expect(await judged(embargoed, {}, { timeoutMs: 5 })).toMatchObject({ status: 'embargoed', error: { details: { status: 'embargoed' } } })
  })

  it('says ok of what is revealed while it asks again', async () => {
    let asked = 0
    const fetchResult = async (): Promise<ResultBundle> => asked++ < 3 ? await Promise.reject(embargoed) : good
    expect((await judged(good, {}, {}, { fetchResult })).status).toBe('ok')
    expect(asked).toBe(4)
  })

  it('says mismatch, with both hashes, without fetching', async () => {
    const expected: Partial<Verdict> = { status: 'mismatch', expected: digestOf(root('b')), actual: digestOf(root('a')) }
    expect(await judged(new StorageError('asked'), { hash: digestOf(root('b')) })).toMatchObject(expected)
    expect(await judged(new StorageError('asked'), { statement: await signedBy(1, root('b')) })).toMatchObject(expected)
  })

  it('counts a statement that came with the claim like one that came with the result', async () => {
    const statement = await signedBy(1, root('a'))
    const verdict = await judged(resultOf(keyed(1), 'a', { statements: [] }), { statement })
    expect(verdict).toMatchObject({ status: 'ok', statement, statements: [{ statement, signer: keyed(1) }] })
    const both = await judged(resultOf(keyed(1), 'a', { statements: [{ statement, signer: keyed(1) }] }), { statement })
    expect(both.statements).toHaveLength(1)
  })

  it.each([['wrong-signer', 3, {}], ['copied', 2, {}], ['wrong-task', 1, { answers: digestOf(root('other')) }]] as const)(
    'says %s of a statement that came with the claim, also where the result has a good one', async (status, by, change) => {
      const verdict = await judged(good, { statement: await signedBy(by, root('a'), change) })
      expect(verdict).toMatchObject({ status, statements: [{ signer: keyed(by) }] })
    })

  it('names statements from the future, and decides nothing by them', async () => {
    const [early, late] = [await signedBy(1, root('a'), { time: '300' }), await signedBy(1, root('a'), { time: '301' })]
    const signed = [early, late].map(statement => ({ statement, signer: keyed(1) }))
    const verdict = await judged(resultOf(keyed(1), 'a', { statements: signed }))
    expect(verdict).toMatchObject({ status: 'ok', futureStatements: [signed[1]] })
    expect(await judged(resultOf(keyed(1), 'a', { statements: [signed[0]!] }))).not.toHaveProperty('futureStatements')
    expect(await judged(new UnavailableError('nobody'), { statement: late })).toMatchObject({ status: 'unavailable', futureStatements: [signed[1]] })
  })

  it('asks the miner first, and whoever else is named', async () => {
    const asked: unknown[] = []
    const fetchResult: VerdictComponents['fetchResult'] = async (_ref, { providers }) => {
      asked.push(providers)
      return good
    }
    await judged(good, {}, { fetchOptions: { providers: ['x'] } }, { fetchResult })
    expect(asked).toEqual([[keyed(1), 'x']])
  })

  it('throws what goes wrong in this node', async () => {
    await expect(judged(new StorageError('disk'))).rejects.toMatchObject({ name: 'StorageError' })
    await expect(judged(new TypeError('bug'))).rejects.toMatchObject({ name: 'TypeError' })
  })

  it.each<[string, () => Promise<Hex>]>([
    ['Error', async () => await Promise.reject(new Error('no RPC'))],
    ['UnavailableError', async () => await Promise.reject(new UnavailableError('no RPC'))],
    ['InvalidArgumentError', async () => await Promise.resolve('0x' as Hex)],
    ['TimedOutError', async () => await new Promise(() => {})]
  ])('throws the %s that hashOf ends with, which is no fault of the miner', async (name, hashOf) => {
    await expect(judged(good, { hash: digestOf(root('a')) }, { hashOf, timeoutMs: 20 })).rejects.toMatchObject({ name })
  })

  it('throws the reason of its signal, also one that would say something of a claim', async () => {
    const reason = new UnavailableError('enough')
    await expect(judged(good, {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })

  it('leaves alone what is malformed', async () => {
    expect(await judged(good, { ref: 'x' })).toMatchObject({ status: 'malformed', elapsedMs: 0 })
  })
})
