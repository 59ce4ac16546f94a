import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidNameError } from '../../src/errors.ts'
import { caseFold, checkEntryName, checkPath } from '../../src/format/entry-name.ts'
import { errorOf } from './vectors.ts'

const bad = [
  '', '.', '..', '/', 'a/b', '/a', 'a/', '../x', 'a\\b', '\\', 'a\0', '\n', 'a\tb', '\u001f', '\u007f', '\u0080', '\u009f', '\u061c', '\u200e', 'a\u200fb', '\u202a', '\u202e',
  '\u2066', '\u2069', '\ud800', 'a\udfff', 'a'.repeat(256), 'é'.repeat(128), '😀'.repeat(64), 'a'.repeat(10_000_000)
]
const good = ['a', '...', '.hidden', '..a', 'a b', ' ', 'prompt.json', 'CON', 'é', 'e\u0301', '😀', '日本語.txt', '\u200b', '\u2065', '\u206a', 'a:b', '-rf', '~', 'a'.repeat(255), `${'é'.repeat(127)}a`, '😀'.repeat(63)]

describe('checkEntryName', () => {
  it.each(good.map((name) => [name]))('takes %j', (name) => {
    expect(() => { checkEntryName(name) }).not.toThrow()
    expect(checkPath(name)).toEqual([name])
    expect(checkPath(`d/${name}/f`)).toEqual(['d', name, 'f'])
  })

  it.each(bad.map((name, index) => [index, name] as const))('refuses bad name %i', (_, name) => {
    expect(() => { checkEntryName(name) }).toThrow(InvalidNameError)
  })

  it('says what is wrong, with the name in JSON quotes', () => {
    expect(errorOf(() => { checkEntryName('a\u202eb') }).message).toBe('The name "a\\u202eb" has the character U+202E')
    expect(errorOf(() => { checkEntryName('..') }).message).toBe('The name ".." means a directory')
  })
})

describe('checkPath', () => {
  it('gives the names of a path', () => {
    expect(checkPath('inputs/2026/paper.pdf')).toEqual(['inputs', '2026', 'paper.pdf'])
  })

  it.each(['', '/', '/a', 'a/', 'a//b', 'a/../b', './a', 'a/.', 'a\\b/c', `a/${'b'.repeat(256)}`, 'C:\\x', 'a/b\0'])('refuses %j', (path) => {
    expect(() => checkPath(path)).toThrow(InvalidNameError)
  })

  it('takes 32 directories before a name and refuses 33', () => {
    expect(checkPath(`${'d/'.repeat(32)}f`)).toHaveLength(33)
    expect(() => checkPath(`${'d/'.repeat(33)}f`)).toThrow(InvalidNameError)
  })

  it('takes 4096 bytes and refuses 4097', () => {
    const path = (bytes: number): string => `${'d'.repeat(200)}/`.repeat(20).padEnd(bytes, 'f')
    expect(checkPath(path(4096))).toHaveLength(21)
    expect(() => checkPath(path(4097))).toThrow('longer than 4096 bytes')
    expect(() => checkPath('é/'.repeat(2_000_000))).toThrow('longer than 4096 bytes')
  })

  it('gives names that are all valid, or refuses with its own error', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (path) => {
      try {
        const names = checkPath(path)
        names.forEach(checkEntryName)
        expect(names.join('/')).toBe(path)
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidNameError)
      }
    }))
  })
})

describe('caseFold', () => {
  it.each([['README', 'readme'], ['É', 'é'], ['é', 'e\u0301'], ['E\u0301', 'é'], ['ΑΣ', 'ας'], ['ασ', 'ας'], ['ß', 'SS'], ['\u1e9e', 'ss'], ['K', '\u212a']])('is equal for %j and %j', (one, other) => {
    expect(caseFold(one)).toBe(caseFold(other))
  })

  it.each([['a', 'b'], ['a', 'á'], ['a.b', 'ab']])('differs for %j and %j', (one, other) => {
    expect(caseFold(one)).not.toBe(caseFold(other))
  })

  it('is stable', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      expect(caseFold(caseFold(name))).toBe(caseFold(name))
    }))
  })
})
