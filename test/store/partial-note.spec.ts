import fc from 'fast-check'
import { expect, test } from 'vitest'
import { partialNoteBytesMax, statementBytesMax, statementsMax } from '../../src/limits.ts'
import { decodePartialNote, encodePartialNote } from '../../src/store/partial-note.ts'

test('reads what it writes', () => {
  fc.assert(fc.property(fc.maxSafeNat(), fc.constantFrom('power-cut' as const, 'process-crash' as const), (usedAt, durability) => {
    expect(decodePartialNote(encodePartialNote({ usedAt, durability }))).toEqual({ usedAt, durability })
  }))
})

test('reads what was said, as far as it can be true', () => {
  const statements = [Buffer.from('{"a":"ü"}'), Uint8Array.of(0, 255)].map(bytes => new Uint8Array(bytes))
  const note = { usedAt: 1, durability: 'power-cut', said: { access: 'restricted', statements } } as const
  expect(decodePartialNote(encodePartialNote(note))).toEqual(note)
  const many = Array.from({ length: 2 * statementsMax }, (_, n) => new Uint8Array(statementBytesMax).fill(n))
  const text = encodePartialNote({ ...note, said: { access: 'anyone', statements: [new Uint8Array(statementBytesMax + 1), ...many] } })
  expect(Buffer.byteLength(text)).toBeLessThan(partialNoteBytesMax)
  expect(decodePartialNote(text)?.said).toEqual({ access: 'anyone', statements: many.slice(0, statementsMax) })
  for (const foreign of ['"access":"all","statements":[]', '"access":"anyone"', '"access":"anyone","statements":{}', '"statements":[]']) {
    expect(decodePartialNote(`{"usedAt":1,"durability":"power-cut",${foreign}}`)).toEqual({ usedAt: 1, durability: 'power-cut' })
  }
  const junk = '{"usedAt":1,"durability":"power-cut","access":"anyone","statements":[7,null,"AA==","!"]}'
  expect(decodePartialNote(junk)?.said).toEqual({ access: 'anyone', statements: [Uint8Array.of(0), new Uint8Array(0)] })
})

test('reads nothing else', () => {
  for (const text of ['', '{', 'null', '7', '[]', '{}', '{"usedAt":1}', '{"durability":"power-cut"}', '{"usedAt":-1,"durability":"power-cut"}',
    '{"usedAt":1.5,"durability":"power-cut"}', '{"usedAt":"1","durability":"power-cut"}', '{"usedAt":1,"durability":"none"}']) {
    expect(decodePartialNote(text), text).toBeUndefined()
  }
})
