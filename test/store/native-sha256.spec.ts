import { sha256 } from '@noble/hashes/sha2.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toUtf8 } from '../../src/format/utf8.ts'
import { nativeSha256 } from '../../src/store/native-sha256.ts'

test('hashes bytes, and text as its UTF-8, as others do', () => {
  fc.assert(fc.property(fc.uint8Array(), fc.string({ unit: 'grapheme' }), (bytes, text) => {
    expect(nativeSha256(bytes)).toEqual(sha256(bytes))
    expect(nativeSha256(text)).toEqual(sha256(toUtf8(text)))
  }))
})
