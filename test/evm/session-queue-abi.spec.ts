import { toEventSelector, toFunctionSelector } from 'viem'
import { expect, test } from 'vitest'
import { sessionQueueAbi } from '../../src/evm/session-queue-abi.ts'
import { compile } from '../support/evm/compile.ts'
import { sessionSources } from '../support/evm/session-contracts.ts'
import type { AbiEvent, AbiFunction } from 'viem'

/** By what a node tells them apart: names of arguments are not in it. */
function selectors (abi: readonly unknown[]): string[] {
  return (abi as (AbiEvent | AbiFunction)[]).flatMap(item => {
    if (item.type === 'event') return [`${item.name} ${toEventSelector(item)} ${item.inputs.map(({ indexed }) => String(indexed)).join()}`]
    return (item.type as string) === 'function' ? [`${item.name} ${toFunctionSelector(item)} ${item.outputs.map(({ type }) => type).join()}`] : []
  })
}

test('is a part of what the contract has', async () => {
  const { SessionQueueV2 } = await compile(...sessionSources)
  expect(selectors(SessionQueueV2!.abi)).toEqual(expect.arrayContaining(selectors(sessionQueueAbi)))
})

test('has every event of a task, with no argument indexed', () => {
  const events = sessionQueueAbi.filter(({ type }) => type === 'event')
  expect(events).toHaveLength(10)
  expect(events.flatMap(({ inputs }) => inputs as readonly { indexed?: boolean }[]).every(({ indexed }) => indexed === false)).toBe(true)
})
