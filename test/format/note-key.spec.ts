import { describe, expect, it } from 'vitest'
import { InvalidNoteError } from '../../src/errors.ts'
import { fromHex } from '../../src/format/hex.ts'
import { checkKeyName, formatNoteKey, hasControls, noteKeyId } from '../../src/format/note-key.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import { readVectors } from './vectors.ts'

const { keys } = readVectors('signed-note') as { keys: { name: string, publicKey: Hex, keyId: number, vkey: string }[] }

describe('noteKeyId and formatNoteKey', () => {
  it.each(keys)('give the id and the vkey of $name', ({ name, publicKey, keyId, vkey }) => {
    const key = { name, publicKey: fromHex(publicKey) }
    expect(noteKeyId(key)).toBe(keyId)
    expect(formatNoteKey(key)).toBe(vkey)
  })

  it('write an id with its leading zeros', () => {
    const ids = Array.from({ length: 64 }, (_, n) => formatNoteKey({ name: `k${n}`, publicKey: new Uint8Array(32) }).split('+')[1] ?? '')
    expect(ids.filter(id => !/^[0-9a-f]{8}$/.test(id))).toEqual([])
    expect(ids.some(id => id.startsWith('0'))).toBe(true)
  })

  it.each([31, 33, 0])('refuse a public key of %i bytes', (length) => {
    expect(() => noteKeyId({ name: 'a', publicKey: new Uint8Array(length) })).toThrow(InvalidNoteError)
    expect(() => formatNoteKey({ name: 'a', publicKey: new Uint8Array(length) })).toThrow(InvalidNoteError)
  })

  it('refuse a public key that is not bytes', () => {
    expect(() => noteKeyId({ name: 'a', publicKey: 'x' as unknown as Uint8Array })).toThrow(InvalidNoteError)
  })
})

describe('checkKeyName', () => {
  it.each(['a', 'example.com/log42', '世界', 'a-b_c~!', '\u200b', '\u007f'])('takes %j', (name) => {
    expect(() => { checkKeyName(name) }).not.toThrow()
  })

  it.each(['', 'a b', 'a+b', 'a\n', 'a\tb', '\u0085', '\u00a0', '\u2003', '\u3000', '\0', 'a\ud800', undefined, 1])('refuses %j', (name) => {
    expect(() => { checkKeyName(name) }).toThrow(InvalidNoteError)
  })
})

describe('hasControls', () => {
  it('finds every character below U+0020 but the newline', () => {
    const found = Array.from({ length: 0x21 }, (_, code) => code).filter(code => hasControls(`a${String.fromCharCode(code)}b`))
    expect(found).toEqual(Array.from({ length: 0x20 }, (_, code) => code).filter(code => code !== 10))
  })
})
