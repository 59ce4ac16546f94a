import { describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { decodeNote } from '../../src/format/signed-note.ts'
import { verifyCheckpoint } from '../../src/format/verify-checkpoint.ts'
import type { AuditKey } from '../../src/format/audit-key.ts'
import type { SignedNote } from '../../src/format/signed-note.ts'
import type { ExpectedCheckpoint } from '../../src/format/verify-checkpoint.ts'
import type { Address, Hex } from '../../src/interface/primitives.ts'
import { at, errorOf, readVectors } from './vectors.ts'

interface Case {
  name: string
  note: Hex
  auditKey: AuditKey
  address: Address
  origin?: string
}

const { signed } = readVectors('checkpoint') as {
  signed: { valid: (Case & { size: number, root: Hex, digest: Hex })[], refused: (Case & { error: string })[] }
}

describe('verifyCheckpoint', () => {
  it.each(signed.valid)('reads what the node committed to: $name', ({ note, auditKey, address, origin, size, root, digest }) => {
    const { checkpoint, ...more } = verifyCheckpoint(decodeNote(fromHex(note)), { auditKey, address, origin })
    expect(checkpoint).toMatchObject({ origin: auditKey.origin, size })
    expect(toHex(checkpoint.root)).toBe(root)
    expect(more).toEqual({ digest, signer: address.toLowerCase() })
  })

  it.each(signed.refused)('refuses: $name', ({ note, auditKey, address, origin, error }) => {
    expect(errorOf(() => verifyCheckpoint(decodeNote(fromHex(note)), { auditKey, address, origin })).name).toBe(error)
  })

  it('refuses a note once any byte of it is changed', () => {
    const { note, auditKey, address } = at(signed.valid, 0)
    const bytes = fromHex(note)
    const accepted = [...bytes.keys()].filter((at) => {
      const changed = Uint8Array.from(bytes, (byte, index) => index === at ? byte ^ (1 << at % 8) : byte)
      try {
        verifyCheckpoint(decodeNote(changed), { auditKey, address })
        return true
      } catch {
        return false
      }
    })
    expect(accepted).toEqual([])
  })

  it('names the log that is expected and the one that it is', () => {
    const { note, auditKey, address } = at(signed.valid, 0)
    const error = errorOf(() => verifyCheckpoint(decodeNote(fromHex(note)), { auditKey, address, origin: 'another' }))
    expect(error.details).toEqual({ expected: 'another', actual: auditKey.origin })
  })

  it('refuses arguments of another type', () => {
    const { note, auditKey, address } = at(signed.valid, 0)
    const read = decodeNote(fromHex(note))
    for (const expected of [undefined, { auditKey, address: 'x' }, { auditKey, address, origin: 1 }]) {
      expect(() => verifyCheckpoint(read, expected as unknown as ExpectedCheckpoint)).toThrow(InvalidArgumentError)
    }
    expect(() => verifyCheckpoint(fromHex(note) as unknown as SignedNote, { auditKey, address })).toThrow('The text of a note')
    expect(() => verifyCheckpoint(undefined as unknown as SignedNote, { auditKey, address })).toThrow(InvalidArgumentError)
  })
})
