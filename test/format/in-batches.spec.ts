import { expect, test } from 'vitest'
import { inBatches } from '../../src/format/in-batches.ts'

test('asks together what is asked in one turn, and gives each its answer', async () => {
  const asked: number[][] = []
  const ask = inBatches(async (questions: readonly number[]) => {
    asked.push([...questions])
    return questions.map(question => question * 2)
  })
  expect(await Promise.all([1, 2, 3].map(ask))).toEqual([2, 4, 6])
  expect(await ask(4)).toBe(8)
  expect(asked).toEqual([[1, 2, 3], [4]])
})

test('rejects for all who asked together, and for nobody after them', async () => {
  let fails = true
  const ask = inBatches(async (questions: readonly number[]) => {
    if (fails) throw new Error('no')
    return questions
  })
  const settled = await Promise.allSettled([ask(1), ask(2)])
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  fails = false
  expect(await ask(3)).toBe(3)
})
