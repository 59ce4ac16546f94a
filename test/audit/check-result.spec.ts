import { describe, expect, it } from 'vitest'
import { checkExpected, checkResult } from '../../src/audit/check-result.ts'
import { miner, resultOf, root, statementOf, task } from './fixtures.ts'

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
    expect(checkResult(result, expected, [statementOf(miner(1), root('a'))])).toBeDefined()
  })

  it('ignores a statement about another root', () => {
    const result = resultOf(miner(1), 'a', { statements: [] })
    expect(() => checkResult(result, expected, [statementOf(miner(1), root('b'))])).toThrow(expect.objectContaining({ name: 'UnsignedError' }))
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
