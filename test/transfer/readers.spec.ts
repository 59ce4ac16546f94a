import { describe, expect, it } from 'vitest'
import { isNamedReader, mayRead } from '../../src/transfer/readers.ts'
import type { Address } from '../../src/interface/primitives.ts'
import type { ServedRoot } from '../../src/interface/transfer.ts'

const alice: Address = `0x${'a'.repeat(40)}`
const bob: Address = `0x${'b'.repeat(40)}`

function served (rules: Partial<ServedRoot>): ServedRoot {
  return { readers: 'anyone', embargoed: false, bytes: 1, access: 'anyone', statements: [], ...rules }
}

describe('mayRead', () => {
  it.each([
    ['anyone', 'anyone' as const, alice, true],
    ['a peer without an address what anyone may', 'anyone' as const, undefined, true],
    ['a named reader', [bob, alice], alice, true],
    ['nobody else', [bob], alice, false],
    ['nobody when nobody is named', [], alice, false],
    ['no peer without an address what readers may', [bob], undefined, false]
  ])('lets %s read', (_, readers, peer, expected) => {
    expect(mayRead(served({ readers }), peer)).toBe(expected)
  })

  it('lets nobody read during an embargo', () => {
    expect(mayRead(served({ embargoed: true }), alice)).toBe(false)
    expect(mayRead(served({ embargoed: true, readers: [alice] }), alice)).toBe(false)
  })
})

describe('isNamedReader', () => {
  it('is true for named readers alone', () => {
    expect(isNamedReader(served({ readers: [alice] }), alice)).toBe(true)
    expect(isNamedReader(served({ readers: [alice] }), bob)).toBe(false)
    expect(isNamedReader(served({ readers: [alice] }), undefined)).toBe(false)
    expect(isNamedReader(served({ readers: 'anyone' }), alice)).toBe(false)
  })
})
