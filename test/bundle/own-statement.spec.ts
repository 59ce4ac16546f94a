import { expect, test } from 'vitest'
import { OwnStatement } from '../../src/bundle/own-statement.ts'
import { publishBundle } from '../../src/bundle/publish.ts'
import { trailRetryMs } from '../../src/limits.ts'
import { noteInit, testNode } from './fixtures.ts'
import type { StatementLog } from '../../src/interface/audit.ts'
import type { Statement } from '../../src/interface/statement.ts'

/** A log that notes what it is told. */
function loggedBy (): { log: StatementLog, told: string[], kept: Disposable[], logged: Statement[] } {
  const [told, kept, logged]: [string[], Disposable[], Statement[]] = [[], [], []]
  const log: StatementLog = {
    expect: async () => {
      told.push('expect')
      return {
        stored: (statement, own) => {
          told.push('stored')
          logged.push(statement)
          kept.push(own)
        },
        dropped: () => { told.push('dropped') }
      }
    },
    settle: async () => {},
    settleAtOnce: async () => { told.push('settle') }
  }
  return { log, told, kept, logged }
}

test('a statement is announced before it is stored, and handed on with its bundle kept', async () => {
  const node = testNode(1)
  const { log, told, kept, logged } = loggedBy()
  const { stored } = await publishBundle({ ...node, statements: log }, noteInit([{ name: 'a', text: 'a' }]))
  expect(told).toEqual(['expect', 'stored'])
  expect(logged).toEqual(stored.statements.map(({ statement }) => statement))
  const keeps = node.store.keepsOf(stored.root)
  kept[0]?.[Symbol.dispose]()
  expect(node.store.keepsOf(stored.root)).toBe(keeps - 1)
})

test('publishing the same again signs nothing, and logs nothing', async () => {
  const node = testNode(1)
  const { log, told } = loggedBy()
  for (let time = 0; time < 2; time++) await publishBundle({ ...node, statements: log }, noteInit([{ name: 'a', text: 'a' }]))
  expect(told).toEqual(['expect', 'stored'])
})

test('a bundle that somebody else stored is signed and logged when it is published', async () => {
  const node = testNode(1)
  const { stored } = await publishBundle(node, noteInit([{ name: 'a', text: 'a' }]))
  await node.store.update(stored.root, { statements: [] })
  const { log, told, logged } = loggedBy()
  const again = await publishBundle({ ...node, statements: log }, noteInit([{ name: 'a', text: 'a' }]))
  expect(told).toEqual(['expect', 'stored'])
  expect(logged).toEqual(again.stored.statements.map(({ statement }) => statement))
})

test('a bundle that nobody holds for long is not kept from going: its statement is waited for', async () => {
  const node = testNode(1)
  const { log, told } = loggedBy()
  for (const [text, retentionMs] of [['a', 0], ['b', trailRetryMs], ['c', 10 * trailRetryMs]] as const) {
    told.length = 0
    await publishBundle({ ...node, statements: log }, noteInit([{ name: 'a', text }]), { retentionMs })
    expect(told).toEqual(['expect', 'stored', ...text === 'c' ? [] : ['settle']])
  }
})

test('a statement that was not stored in the end is forgotten', async () => {
  const node = testNode(1)
  const { stored } = await publishBundle(node, noteInit([{ name: 'a', text: 'a' }]))
  const { log, told } = loggedBy()
  const own = new OwnStatement(log)
  const signed = await own.sign(async () => stored.statements[0]!)
  await own.settle(node.store, { ...stored, statements: [{ ...signed, statement: { ...signed.statement, signature: '0x' } }] }, 0)
  await own.settle(node.store, stored, 0)
  expect(told).toEqual(['expect', 'dropped'])
})

test('nothing is stored when the log cannot be told', async () => {
  const node = testNode(1)
  const statements: StatementLog = { expect: async () => { throw new Error('no drive') }, settle: async () => {}, settleAtOnce: async () => {} }
  await expect(publishBundle({ ...node, statements }, noteInit([{ name: 'a', text: 'a' }]))).rejects.toThrow('no drive')
  expect([...node.store.records()]).toEqual([])
})
