import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.ts'
import { holdsMax } from '../../src/limits.ts'
import { checkHold, checkOwner, isHeld, isKept, withHold, withHoldAtLeast, withoutHold } from '../../src/store/holds.ts'

test('takes a hold without an owner or an end as one of the host, until it is released', () => {
  expect(checkHold({})).toEqual({ owner: 'host' })
  expect(checkHold({ owner: 'oracle', until: 5 })).toEqual({ owner: 'oracle', until: 5 })
  expect(checkHold({ until: Infinity })).toEqual({ owner: 'host' })
})

test('refuses owners that are no label and ends that are no time', () => {
  for (const owner of ['', 'x'.repeat(65), 1, null, {}]) expect(() => checkOwner(owner), typeof owner).toThrow(InvalidArgumentError)
  expect(checkOwner('x'.repeat(64))).toHaveLength(64)
  for (const until of [-1, 0.5, NaN, -Infinity, '5', null, new Date(5)]) {
    expect(() => checkHold({ until: until as number }), String(until)).toThrow(InvalidArgumentError)
  }
  for (const hold of [null, 'host', []]) expect(() => checkHold(hold as object)).toThrow(InvalidArgumentError)
})

test('keeps one hold for each owner, the one that was said last', () => {
  const holds = withHold(withHold([{ owner: 'a' }], { owner: 'b', until: 1 }), { owner: 'a', until: 2 })
  expect(holds).toEqual([{ owner: 'b', until: 1 }, { owner: 'a', until: 2 }])
  expect(withoutHold(holds, 'b')).toEqual([{ owner: 'a', until: 2 }])
  expect(withoutHold(holds, 'c')).toEqual(holds)
})

test('takes so many holds and no more, and always another time for one that is there', () => {
  const full = Array.from({ length: holdsMax }, (_, at) => ({ owner: `owner ${at}` }))
  expect(withHold(full.slice(1), { owner: 'one more' })).toHaveLength(holdsMax)
  expect(() => withHold(full, { owner: 'one more' })).toThrow(InvalidArgumentError)
  expect(withHold(full, { owner: 'owner 3', until: 1 })).toHaveLength(holdsMax)
})

test('shortens no hold that is only to last at least so long', () => {
  expect(withHoldAtLeast([{ owner: 'a', until: 5 }], { owner: 'a', until: 4 })).toEqual([{ owner: 'a', until: 5 }])
  expect(withHoldAtLeast([{ owner: 'a' }], { owner: 'a', until: 4 })).toEqual([{ owner: 'a' }])
  expect(withHoldAtLeast([{ owner: 'a', until: 5 }], { owner: 'a', until: 6 })).toEqual([{ owner: 'a', until: 6 }])
  expect(withHoldAtLeast([{ owner: 'a', until: 5 }], { owner: 'a' })).toEqual([{ owner: 'a' }])
  expect(withHoldAtLeast([{ owner: 'a' }], { owner: 'b', until: 1 })).toEqual([{ owner: 'a' }, { owner: 'b', until: 1 }])
})

test('counts a hold until its time has come', () => {
  expect(isHeld([], 5)).toBe(false)
  expect(isHeld([{ owner: 'a' }], Number.MAX_SAFE_INTEGER)).toBe(true)
  expect(isHeld([{ owner: 'a', until: 6 }], 5)).toBe(true)
  expect(isHeld([{ owner: 'a', until: 5 }], 5)).toBe(false)
  fc.assert(fc.property(fc.array(fc.record({ owner: fc.string(), until: fc.nat() })), fc.nat(), (holds, now) => {
    expect(isHeld(holds, now)).toBe(holds.some(({ until }) => until > now))
  }))
})

test('keeps what is embargoed whether it is held or not', () => {
  expect(isKept({ holds: [], embargoed: true }, 0)).toBe(true)
  expect(isKept({ holds: [], embargoed: false }, 0)).toBe(false)
  expect(isKept({ holds: [{ owner: 'a' }], embargoed: false }, 0)).toBe(true)
})
