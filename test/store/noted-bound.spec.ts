import { expect, test } from 'vitest'
import { essentialReserveBytes, essentialReserveFiles, spaceBoundStepBytes, spaceBoundStepFiles } from '../../src/limits.ts'
import { NotedBound } from '../../src/store/noted-bound.ts'
import type { SpaceAmount } from '../../src/store/space-request.ts'

const most = { bytes: 2 ** 40, files: 1e6 }
const nothing = { bytes: 0, files: 0 }

test('covers nothing before it was noted, and then a step, with the reserve for what is essential alone', async () => {
  const noted: SpaceAmount[] = []
  const bound = new NotedBound(async amount => { noted.push(amount) })
  expect(bound.covers(nothing, { ...nothing, essential: true })).toBe(true)
  expect(bound.covers(nothing, { bytes: 1, files: 0, essential: true })).toBe(false)
  const used = { bytes: 5, files: 1 }
  await bound.note(used, most)
  expect(noted).toEqual([
    { bytes: 5 + spaceBoundStepBytes + essentialReserveBytes, files: 1 + spaceBoundStepFiles + essentialReserveFiles }
  ])
  for (const [name, step, reserve] of [
    ['bytes', spaceBoundStepBytes, essentialReserveBytes], ['files', spaceBoundStepFiles, essentialReserveFiles]
  ] as const) {
    expect(bound.covers(used, { ...nothing, [name]: step })).toBe(true)
    expect(bound.covers(used, { ...nothing, [name]: step + 1 })).toBe(false)
    expect(bound.covers(used, { ...nothing, [name]: step + reserve, essential: true })).toBe(true)
    expect(bound.covers(used, { ...nothing, [name]: step + reserve + 1, essential: true })).toBe(false)
  }
})

test('does not go above what may be used, nor below what is', async () => {
  const noted: SpaceAmount[] = []
  const bound = new NotedBound(async amount => { noted.push(amount) })
  await bound.note({ bytes: 5, files: 1 }, { bytes: 10, files: 10 })
  await bound.note({ bytes: 50, files: 20 }, { bytes: 10, files: 10 })
  expect(noted).toEqual([{ bytes: 10, files: 10 }, { bytes: 50, files: 20 }])
})

test('is noted once at a time, and counts only when it was', async () => {
  const gates = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  let notes = 0
  const bound: NotedBound = new NotedBound(async () => {
    expect(bound.isBeingNoted).toBe(true)
    await gates[notes++]?.promise
  })
  const [one, two] = [bound.note(nothing, most), bound.note(nothing, most)]
  expect(bound.isBeingNoted).toBe(true)
  gates[0]?.reject(new Error('no'))
  await expect(one).rejects.toThrow('no')
  await expect(two).rejects.toThrow('no')
  expect(notes).toBe(1)
  expect(bound.isBeingNoted).toBe(false)
  const again = bound.note(nothing, most)
  expect(bound.covers(nothing, { bytes: 1, files: 0 })).toBe(false)
  gates[1]?.resolve(undefined)
  await again
  expect(bound.covers(nothing, { bytes: 1, files: 0 })).toBe(true)
})
