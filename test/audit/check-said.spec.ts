import { describe, expect, it } from 'vitest'
import { checkSaid, isFromFuture } from '../../src/audit/check-said.ts'
import { openClaim } from '../../src/audit/claim.ts'
import { digestOf } from '../../src/format/digest.ts'
import { statementSkewMsMax } from '../../src/limits.ts'
import { keyed, root, signedBy, statementOf, task, urn } from './fixtures.ts'
import type { ReadClaim } from '../../src/audit/claim.ts'
import type { StatementBody } from '../../src/interface/statement.ts'

const claim = openClaim({ miner: keyed(1), ref: urn('a') }).claim as ReadClaim
const terms = { task, taskId: '0', miners: new Set([keyed(1), keyed(2)]) }
const reference = statementOf(keyed(1), root('a')).statement.task!

async function check (by: number, change: Partial<StatementBody> = {}): Promise<void> {
  checkSaid({ statement: await signedBy(by, root('a'), change), signer: keyed(by) }, claim, terms)
}

describe('checkSaid', () => {
  it('accepts what the miner signed of this root for this task', async () => {
    await check(1)
  })

  it('accepts what a node signed that speaks for the miner by then, and nothing later', async () => {
    const delegation = { node: keyed(3), until: '7', time: '5', signature: '0x' as const }
    const said = async (time: string): Promise<void> => {
      const statement = await signedBy(3, root('a'), { time })
      checkSaid({ statement, signer: keyed(3) }, claim, { ...terms, delegations: [{ wallet: keyed(1), delegation }] })
    }
    await said('7')
    await expect(said('8')).rejects.toMatchObject({ name: 'WrongSignerError' })
  })

  it('calls the statement of another miner who claims too a copy', async () => {
    await expect(check(2)).rejects.toMatchObject({ name: 'WrongMinerError', details: { expected: keyed(1), actual: keyed(2) } })
  })

  it('refuses the statement of anybody else', async () => {
    await expect(check(3)).rejects.toMatchObject({ name: 'WrongSignerError', details: { signers: [keyed(3)] } })
  })

  it.each<[string, Partial<StatementBody>]>([
    ['another task', { task: { ...reference, taskId: '1' } }],
    ['another session', { task: { ...reference, sessionId: '8' } }],
    ['another queue', { task: { ...reference, queue: keyed(9) } }],
    ['another chain', { task: { ...reference, chainId: '1' } }],
    ['another task bundle', { answers: digestOf(root('other')) }],
    ['another kind', { kind: 'evidence' }]
  ])('refuses what the miner signed for %s', async (_, change) => {
    await expect(check(1, change)).rejects.toMatchObject({ name: 'WrongTaskError' })
  })

  it('names both digests when the miner signed another root', async () => {
    await expect(check(1, { root: digestOf(root('b')) })).rejects.toMatchObject({
      name: 'MismatchError', details: { expected: digestOf(root('b')), actual: digestOf(root('a')) }
    })
  })
})

describe('isFromFuture', () => {
  const at = async (time: string) => ({ statement: await signedBy(1, root('a'), { time }), signer: keyed(1) })
  const clockMs = 1_000_000.5

  it('allows five minutes, and not a second more', async () => {
    const last = Math.floor((clockMs + statementSkewMsMax) / 1000)
    expect(isFromFuture(await at(String(last)), clockMs)).toBe(false)
    expect(isFromFuture(await at(String(last + 1)), clockMs)).toBe(true)
    expect(isFromFuture(await at('0'), clockMs)).toBe(false)
  })

  it('reads the latest time that a statement can have', async () => {
    expect(isFromFuture(await at((2n ** 64n - 1n).toString()), clockMs)).toBe(true)
  })
})
