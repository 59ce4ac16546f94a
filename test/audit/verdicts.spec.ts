import { describe, expect, it } from 'vitest'
import { verifyResults } from '../../src/audit/verdicts.ts'
import { CorruptTransferError, StorageError, StorageFullError, UnavailableError } from '../../src/errors.ts'
import { digestOf } from '../../src/format/digest.ts'
import { formatUrn } from '../../src/format/reference.ts'
import { claimsMax } from '../../src/limits.ts'
import { miner, resultOf, root, statementOf, task } from './fixtures.ts'
import type { ResultBundle } from '../../src/interface/bundle.ts'
import type { Reference } from '../../src/interface/primitives.ts'

const now = (): number => 0
const urn = (text: string): string => formatUrn(root(text))

function components (results: Record<string, ResultBundle | Error>) {
  return {
    now,
    fetchResult: async (ref: Reference): Promise<ResultBundle> => {
      const found = results[String(ref)] ?? new UnavailableError('nobody has it')
      return found instanceof Error ? await Promise.reject(found) : found
    }
  }
}

describe('verifyResults', () => {
  it('gives one verdict a claim, in their order, and groups equal outputs, the largest group first', async () => {
    const { verdicts, agreements } = await verifyResults(components({
      [urn('a')]: resultOf(miner(1), 'a', { output: 'x' }),
      [urn('b')]: resultOf(miner(2), 'b', { output: 'y' }),
      [urn('c')]: resultOf(miner(3), 'c', { output: 'y' })
    }), task, ['a', 'b', 'c'].map((text, i) => ({ miner: miner(i + 1), ref: urn(text) })), { taskId: '0' })
    expect(verdicts.map(({ miner, status }) => [miner, status])).toEqual([[miner(1), 'ok'], [miner(2), 'ok'], [miner(3), 'ok']])
    expect(agreements.map(({ miners }) => miners)).toEqual([[miner(2), miner(3)], [miner(1)]])
  })

  it.each([
    ['unavailable', undefined],
    ['unavailable', new CorruptTransferError('lies')],
    ['unavailable', new StorageFullError('no room')],
    ['copied', resultOf(miner(2), 'a')],
    ['wrong-task', resultOf(miner(1), 'a', { taskId: '5' })],
    ['unsigned', resultOf(miner(1), 'a', { statements: [] })],
    ['wrong-signer', resultOf(miner(1), 'a', { statements: [statementOf(miner(2), root('a'))] })]
  ])('says %s', async (status, result) => {
    const { verdicts, agreements } = await verifyResults(components(result === undefined ? {} : { [urn('a')]: result }), task,
      [{ miner: miner(1), ref: urn('a') }], { taskId: '0' })
    expect(verdicts[0]).toMatchObject({ status, miner: miner(1), ref: urn('a') })
    expect(verdicts[0]?.reason).not.toBe('')
    expect(agreements).toEqual([])
  })

  it('says mismatch, with both hashes, without fetching', async () => {
    const { verdicts } = await verifyResults(components({}), task,
      [{ miner: miner(1), ref: urn('a'), hash: digestOf(root('b')) }], { taskId: '0' })
    expect(verdicts[0]).toMatchObject({ status: 'mismatch', expected: digestOf(root('b')), actual: digestOf(root('a')) })
  })

  it.each(['', 'nonsense', 'urn:blob:v2:s3:akamai:test0:abc', `Qm${'1'.repeat(200_000)}`])('says malformed of the reference %.20s', async ref => {
    const { verdicts } = await verifyResults(components({}), task, [{ miner: miner(1), ref }], { taskId: '0' })
    expect(verdicts[0]?.status).toBe('malformed')
  })

  it('takes the address of a miner in any case, and gives it in lower case', async () => {
    const mixed = `0x${'aB'.repeat(20)}` as const
    const by = `0x${'ab'.repeat(20)}` as const
    const { verdicts, agreements } = await verifyResults(components({ [urn('a')]: resultOf(by, 'a') }), task,
      [{ miner: mixed, ref: urn('a') }], { taskId: '0' })
    expect(verdicts[0]).toMatchObject({ status: 'ok', miner: by })
    expect(agreements[0]?.miners).toEqual([by])
  })

  it('says malformed of a miner that is no address', async () => {
    const { verdicts } = await verifyResults(components({ [urn('a')]: resultOf(miner(1), 'a') }), task,
      [{ miner: 'somebody' as never, ref: urn('a') }], { taskId: '0' })
    expect(verdicts[0]?.status).toBe('malformed')
  })

  it('does not blame the miner for what goes wrong in this node or in its host', async () => {
    const claims = [{ miner: miner(1), ref: urn('a'), hash: `0x${'01'.repeat(32)}` as const }]
    await expect(verifyResults(components({ [urn('a')]: new StorageError('disk') }), task, [{ miner: miner(1), ref: urn('a') }], { taskId: '0' }))
      .rejects.toMatchObject({ name: 'StorageError' })
    await expect(verifyResults(components({}), task, claims, { taskId: '0', hashOf: async () => await Promise.reject(new Error('no RPC')) }))
      .rejects.toThrow('no RPC')
  })

  it('lets one bad claim stand beside good ones', async () => {
    const { verdicts } = await verifyResults(components({ [urn('a')]: resultOf(miner(1), 'a') }), task,
      [{ miner: miner(2), ref: 'x' }, { miner: miner(1), ref: urn('a') }], { taskId: '0' })
    expect(verdicts.map(({ status }) => status)).toEqual(['malformed', 'ok'])
  })

  it('judges what is not there at all', async () => {
    const { verdicts } = await verifyResults(components({}), task, new Array(1), { taskId: '0' })
    expect(verdicts).toMatchObject([{ status: 'malformed', miner: 'undefined', ref: 'undefined', reason: 'claim must be an object, and is undefined' }])
  })

  it.each([[{}], [5], [null], [Object.create(null)]])('says malformed of the reference %#', async ref => {
    const { verdicts } = await verifyResults(components({}), task, [{ miner: miner(1), ref: ref as string }], { taskId: '0' })
    expect(verdicts[0]?.status).toBe('malformed')
  })

  it('refuses what would make every verdict wrong', async () => {
    const claims = [{ miner: miner(1), ref: urn('a') }]
    for (const options of [{ taskId: '00' }, { taskId: 0 }, { taskId: '0', bytesMax: NaN }, { taskId: '0', hashOf: 5 }, { taskId: '0', providers: 5 }]) {
      await expect(verifyResults(components({}), task, claims, options as never)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    }
    await expect(verifyResults(components({}), {} as never, claims, { taskId: '0' })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })

  it('takes as many claims as it may and refuses one more', async () => {
    const claims = Array.from({ length: claimsMax }, () => ({ miner: miner(1), ref: 'x' }))
    expect((await verifyResults(components({}), task, claims, { taskId: '0' })).verdicts).toHaveLength(claimsMax)
    await expect(verifyResults(components({}), task, [...claims, { miner: miner(1), ref: 'x' }], { taskId: '0' }))
      .rejects.toMatchObject({ name: 'LimitExceededError' })
  })

  it('rejects with the reason of its signal', async () => {
    const reason = new Error('enough')
    await expect(verifyResults(components({}), task, [{ miner: miner(1), ref: urn('a') }], { taskId: '0', signal: AbortSignal.abort(reason) }))
      .rejects.toBe(reason)
  })
})
