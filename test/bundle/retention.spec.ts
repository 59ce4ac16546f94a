import { describe, expect, it } from 'vitest'
import { checkRetention, fetchedHolds, holdsResults, offeredHold, publishedHolds, releaseAnswered } from '../../src/bundle/retention.ts'
import { InvalidArgumentError } from '../../src/errors.ts'
import { noteInit, publishStored, testNode } from './fixtures.ts'

const dayMs = 86_400_000
const now = 1_700_000_000_000

describe('publishedHolds', () => {
  it.each([
    ['task', now + 2 * dayMs], ['result', now + 30 * dayMs], ['evidence', undefined], ['dataset', undefined], ['note', undefined],
    ['__proto__', undefined], ['constructor', undefined]
  ])('holds a %s by default until %s', (kind, until) => {
    expect(publishedHolds(kind, now)).toEqual([until === undefined ? { owner: 'host' } : { owner: 'host', until }])
  })

  it.each([
    [0, undefined, []],
    [1, undefined, [{ owner: 'host', until: now + 1 }]],
    [0.1, undefined, [{ owner: 'host', until: now + 1 }]],
    [Infinity, undefined, [{ owner: 'host' }]],
    [Number.MAX_VALUE, undefined, [{ owner: 'host' }]],
    [0, 5, [{ owner: 'host', until: now + 5 }]],
    [5, 0, []],
    [5, Infinity, [{ owner: 'host' }]]
  ])('takes what the node says (%s ms), and before that what is said of the one bundle (%s ms)', (node, one, holds) => {
    expect(publishedHolds('task', now, { task: node }, one)).toEqual(holds)
  })

  it('leaves the kinds that the node says nothing about as they are', () => {
    expect(publishedHolds('result', now, { task: 0 })).toEqual([{ owner: 'host', until: now + 30 * dayMs }])
  })
})

describe('offeredHold', () => {
  it('holds a result under its own owner, as long as results stay', () => {
    expect(offeredHold(now)).toEqual({ owner: 'offered', until: now + 30 * dayMs })
    expect(offeredHold(now, { result: 7, task: 0 })).toEqual({ owner: 'offered', until: now + 7 })
    expect(offeredHold(now, { result: Infinity })).toEqual({ owner: 'offered' })
  })
})

describe('holdsResults', () => {
  it('is false only where results are cache at once', () => {
    for (const retention of [undefined, {}, { task: 0 }, { result: 1 }, { result: Infinity }]) expect(holdsResults(retention)).toBe(true)
    expect(holdsResults({ result: 0 })).toBe(false)
  })
})

describe('fetchedHolds', () => {
  it('holds a task as unanswered, as long as tasks stay', () => {
    expect(fetchedHolds('task', now)).toEqual([{ owner: 'unanswered', until: now + 2 * dayMs }])
    expect(fetchedHolds('task', now, { task: 7 })).toEqual([{ owner: 'unanswered', until: now + 7 }])
    expect(fetchedHolds('task', now, { task: Infinity })).toEqual([{ owner: 'unanswered' }])
    expect(fetchedHolds('task', now, { task: 0 })).toEqual([])
  })

  it.each(['result', 'evidence', 'dataset', 'unixfs', 'note'])('makes a %s cache', kind => {
    expect(fetchedHolds(kind, now, { [kind]: Infinity })).toEqual([])
  })
})

describe('releaseAnswered', () => {
  it('ends the hold of what was not answered, and no other', async () => {
    const { store, ...node } = testNode(1)
    const { root } = await publishStored({ store, ...node }, noteInit([{ name: 'a', text: '1' }]))
    await store.update(root, ({ holds }) => ({ holds: [...holds, { owner: 'unanswered' }] }))
    await releaseAnswered(store, root)
    expect(store.record(root)?.holds).toEqual([{ owner: 'host' }])
  })

  it('writes nothing where there is no such hold, and takes what is not stored', async () => {
    const { store, ...node } = testNode(1)
    const { root } = await publishStored({ store, ...node }, noteInit([{ name: 'a', text: '1' }]))
    const before = store.record(root)
    await releaseAnswered(store, root)
    expect(store.record(root)).toBe(before)
    store.bundles.clear()
    await releaseAnswered(store, root)
  })
})

describe('checkRetention', () => {
  it.each([undefined, 0, 0.5, 1, Infinity])('takes %s', retentionMs => {
    checkRetention(retentionMs)
  })

  it.each([-1, -Infinity, NaN, '1', null, {}, 1n])('refuses %o', retentionMs => {
    expect(() => { checkRetention(retentionMs) }).toThrow(InvalidArgumentError)
  })
})
