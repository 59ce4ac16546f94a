import { describe, expect, it } from 'vitest'
import { checkFilter, describeStored, matchesFilter } from '../../src/bundle/listing.ts'
import { InvalidArgumentError } from '../../src/errors.ts'
import { miner, root } from '../audit/fixtures.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

const session = { chainId: '1', queue: miner(0xcc), sessionId: '7' }
const stored: StoredBundle = {
  root: root('a'), kind: 'result', origin: 'published', readers: 'anyone', embargoed: true, holds: [{ owner: 'host', until: 9 }], statements: [],
  task: { ...session, taskId: '0' }, storedAt: 5, bytes: 9, blocks: 1
}
const { root: cid, kind, origin, readers, embargoed, holds, statements, storedAt, bytes, blocks } = stored
const withoutTask: StoredBundle = { root: cid, kind, origin, readers, embargoed, holds, statements, storedAt, bytes, blocks }
const taskBundle: StoredBundle = { ...withoutTask, kind: 'task', session }

describe('checkFilter', () => {
  it.each([{}, { kind: 'task', revealed: true, sizes: true }, { task: session }, { task: { ...session, taskId: '0' } }])('takes %j', filter => {
    checkFilter(filter)
  })

  it.each([
    null, 5, [], { kind: 5 }, { revealed: 'true' }, { sizes: 1 }, { task: null }, { task: {} }, { task: { ...session, queue: 'x' } },
    { task: { ...session, taskId: 0 } }, { task: { ...session, chainId: 1 } }
  ])('refuses %j, which would list nothing or everything', filter => {
    expect(() => { checkFilter(filter) }).toThrow(InvalidArgumentError)
  })
})

describe('matchesFilter', () => {
  it.each([
    [{}, true],
    [{ kind: 'result' }, true],
    [{ kind: 'task' }, false],
    [{ revealed: false }, true],
    [{ revealed: true }, false],
    [{ task: session }, true],
    [{ task: { ...session, queue: `0x${'CC'.repeat(20)}` as const } }, true],
    [{ task: { ...session, taskId: '0' } }, true],
    [{ task: { ...session, taskId: '1' } }, false],
    [{ task: { ...session, sessionId: '8' } }, false],
    [{ task: { ...session, chainId: '2' } }, false]
  ])('says of a result under %j: %s', (filter, expected) => {
    expect(matchesFilter(stored, filter)).toBe(expected)
  })

  it('finds a task bundle by its session, and not by a task id, which it does not have', () => {
    expect(matchesFilter(taskBundle, { task: session })).toBe(true)
    expect(matchesFilter(taskBundle, { task: { ...session, taskId: '0' } })).toBe(false)
  })

  it('finds no plain files by task', () => {
    expect(matchesFilter(withoutTask, { task: session })).toBe(false)
  })
})

describe('describeStored', () => {
  it('says what a restarted host needs', () => {
    expect(describeStored(stored, 8)).toEqual({
      cid: root('a').toString(), kind: 'result', origin: 'published', held: true, holds: [{ owner: 'host', until: 9 }], revealed: false,
      readers: 'anyone', bytes: 9, task: { ...session, taskId: '0' }, storedAt: 5
    })
  })

  it('calls held what a hold counts for now', () => {
    expect([8, 9, 10].map(now => describeStored(stored, now).held)).toEqual([true, false, false])
    expect(describeStored({ ...stored, holds: [] }, 0).held).toBe(false)
    expect(describeStored({ ...stored, holds: [...stored.holds, { owner: 'other' }] }, 10).held).toBe(true)
  })
})
