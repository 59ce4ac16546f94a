import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PackedTexts } from '../../src/format/packed-texts.ts'

test('gives texts as they were put in, whatever they are and however many', () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 200 }), (texts) => {
    const packed = new PackedTexts()
    for (const text of texts) packed.push(text)
    expect([packed.length, [...packed]]).toEqual([texts.length, texts])
    expect([packed.at(0), packed.at(texts.length)]).toEqual([texts[0], undefined])
  }))
})

test('has nothing that was put in before it was cleared', () => {
  const packed = new PackedTexts()
  for (let at = 0; at < 100; at++) packed.push(`${at}`)
  packed.clear()
  expect([packed.length, packed.at(0), [...packed]]).toEqual([0, undefined, []])
  packed.push('after')
  expect([...packed]).toEqual(['after'])
})
