import { describe, expect, it } from 'vitest'
import { checkExpected, checkResult } from '../../src/audit/check-result.ts'
import { miner, resultOf, root, statementOf, task } from './fixtures.ts'
import type { SignedDelegation } from '../../src/interface/delegation.ts'
import type { Address } from '../../src/interface/primitives.ts'

const expected = { task, taskId: '0', miner: miner(1) }

describe('checkResult', () => {
  it.each([
    undefined, null, 5, {}, { task: 'urn', taskId: '0', miner: miner(1) }, { task, taskId: 0, miner: miner(1) }, { task, taskId: '00', miner: miner(1) },
    { task, taskId: '0', miner: '0x1' }, { task, taskId: '0' }, { task, taskId: '0', miner: miner(1), hashOf: 'x' }
  ])('refuses to expect %j', expected => {
    expect(() => { checkExpected(expected) }).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
  })

  it('returns the miner\'s statement', () => {
    expect(checkResult(resultOf(miner(1), 'a'), expected)).toEqual(statementOf(miner(1), root('a')).statement)
  })

  it('accepts a statement that came another way', () => {
    const result = resultOf(miner(1), 'a', { statements: [] })
    expect(checkResult(result, expected, { statements: [statementOf(miner(1), root('a'))] })).toBeDefined()
  })

  it('ignores a statement about another root', () => {
    const result = resultOf(miner(1), 'a', { statements: [] })
    expect(() => checkResult(result, expected, { statements: [statementOf(miner(1), root('b'))] })).toThrow(expect.objectContaining({ name: 'UnsignedError' }))
  })

  describe('of a node that speaks for the miner', () => {
    const delegates = (until: string, by = miner(1), node = miner(5)): SignedDelegation =>
      ({ wallet: by, delegation: { node, until, time: '0', signature: '0x' } })
    const { signer, statement } = statementOf(miner(5), root('a'))
    const byNode = { signer, statement: { ...statement, time: '5' } }
    const result = (delegations: SignedDelegation[]): ReturnType<typeof resultOf> => resultOf(miner(1), 'a', { statements: [byNode], delegations })

    it('accepts the statement by a delegation that came with the result, or another way', () => {
      expect(checkResult(result([delegates('9')]), expected)).toEqual(byNode.statement)
      expect(checkResult(result([]), expected, { delegations: [delegates('9')] })).toEqual(byNode.statement)
      expect(checkResult(result([delegates('9')]), { ...expected, miner: miner(1).toUpperCase().replace('0X', '0x') as Address })).toEqual(byNode.statement)
    })

    it.each([
      ['none', []],
      ['one of another wallet', [delegates('9', miner(2))]],
      ['one for another node', [delegates('9', miner(1), miner(6))]]
    ])('refuses it with %s', (_, delegations) => {
      expect(() => checkResult(result(delegations), expected)).toThrow(/signed by 0x05.*, not by 0x01[01]*$/)
    })

    it('says that the delegation was revoked', () => {
      const revoked = { wallet: miner(1), delegation: { ...delegates('4').delegation, time: '8' } }
      const check = (): unknown => checkResult(result([delegates('9')]), expected, { delegations: [revoked] })
      expect(check).toThrow(expect.objectContaining({ name: 'WrongSignerError', message: expect.stringContaining('or was revoked') as unknown }))
    })

    it('refuses a result that names the node as its miner: nobody takes over what another one made', () => {
      const adopted = resultOf(miner(5), 'a', { statements: [byNode], delegations: [delegates('9')] })
      expect(() => checkResult(adopted, expected)).toThrow(expect.objectContaining({ name: 'WrongMinerError' }))
    })
  })

  it.each([
    ['another task id', resultOf(miner(1), 'a', { taskId: '1' }), 'WrongTaskError'],
    ['another task bundle', resultOf(miner(1), 'a', { answers: root('other') }), 'WrongTaskError'],
    ['another miner in the manifest', resultOf(miner(2), 'a'), 'WrongMinerError'],
    ['no statement', resultOf(miner(1), 'a', { statements: [] }), 'UnsignedError'],
    ['a statement by somebody else', resultOf(miner(1), 'a', { statements: [statementOf(miner(2), root('a'))] }), 'WrongSignerError'],
    ['a statement for another task', resultOf(miner(1), 'a', { statements: [statementOf(miner(1), root('a'), '9')] }), 'WrongTaskError'],
    ['a statement that answers another root', resultOf(miner(1), 'a', { statements: [statementOf(miner(1), root('a'), '0', root('x'))] }),
      'WrongTaskError']
  ])('refuses %s', (_, result, name) => {
    expect(() => checkResult(result, expected)).toThrow(expect.objectContaining({ name }))
  })
})
