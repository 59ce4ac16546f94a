import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodePartialNote, encodePartialNote } from '../../src/store/partial-note.ts'

test('reads what it writes', () => {
  fc.assert(fc.property(fc.maxSafeNat(), fc.constantFrom('power-cut' as const, 'process-crash' as const), (usedAt, durability) => {
    expect(decodePartialNote(encodePartialNote({ usedAt, durability }))).toEqual({ usedAt, durability })
  }))
})

test('reads nothing else', () => {
  for (const text of ['', '{', 'null', '7', '[]', '{}', '{"usedAt":1}', '{"durability":"power-cut"}', '{"usedAt":-1,"durability":"power-cut"}',
    '{"usedAt":1.5,"durability":"power-cut"}', '{"usedAt":"1","durability":"power-cut"}', '{"usedAt":1,"durability":"none"}']) {
    expect(decodePartialNote(text), text).toBeUndefined()
  }
})
