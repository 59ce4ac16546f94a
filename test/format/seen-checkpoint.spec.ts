import { describe, expect, it } from 'vitest'
import { InvalidAuditKeyError, InvalidCheckpointError, InvalidNoteError, LimitExceededError, WrongOriginError, WrongSignerError } from '../../src/errors.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { decodeSeenCheckpoint, encodeSeenCheckpoint, verifySeenCheckpoint } from '../../src/format/seen-checkpoint.ts'
import { seenCheckpointBytesMax } from '../../src/limits.ts'
import { headAt, seenOf } from '../audit/seen.ts'
import { signerOf } from '../audit/trails.ts'
import { readVectors } from './vectors.ts'
import type { Address, Hex } from '../../src/interface/primitives.ts'

const { valid } = readVectors('seen-checkpoint') as { valid: { name: string, bytes: Hex, address: Address, origin: string, size: number, root: Hex }[] }

describe('a seen checkpoint', () => {
  it.each(valid)('has the bytes of the test vector: $name', ({ bytes, address, origin, size, root }) => {
    const seen = decodeSeenCheckpoint(fromHex(bytes))
    expect(toHex(encodeSeenCheckpoint(seen))).toBe(bytes)
    const { checkpoint, signer } = verifySeenCheckpoint(seen, { address, origin })
    expect({ ...checkpoint, root: toHex(checkpoint.root), signer }).toEqual({ origin, size, root, extensions: [], signer: address })
  })

  it('is the audit key on a line, and then the note', async () => {
    const seen = await seenOf(headAt(3))
    const text = new TextDecoder().decode(encodeSeenCheckpoint(seen))
    expect(text.slice(text.indexOf('\n') + 1).startsWith(`${seen.auditKey.origin}\n3\n`)).toBe(true)
    expect(JSON.parse(text.slice(0, text.indexOf('\n')))).toMatchObject(seen.auditKey)
  })

  it('says nothing of another node, or of another log', async () => {
    const seen = await seenOf(headAt(3))
    const { identity: { address } } = signerOf()
    expect(() => verifySeenCheckpoint(seen, { address: signerOf(2).identity.address })).toThrow(WrongSignerError)
    expect(() => verifySeenCheckpoint(seen, { address, origin: signerOf(2).origin })).toThrow(WrongOriginError)
  })

  it('is refused without an audit key, with a malformed part, or when it is large', async () => {
    const bytes = encodeSeenCheckpoint(await seenOf(headAt(3)))
    const line = bytes.indexOf(0x0A)
    expect(() => decodeSeenCheckpoint(bytes.subarray(0, line))).toThrow(InvalidCheckpointError)
    expect(() => decodeSeenCheckpoint(bytes.subarray(1))).toThrow(InvalidAuditKeyError)
    expect(() => decodeSeenCheckpoint(bytes.subarray(0, bytes.length - 1))).toThrow(InvalidNoteError)
    expect(() => decodeSeenCheckpoint(new Uint8Array(seenCheckpointBytesMax + 1))).toThrow(LimitExceededError)
    expect(() => decodeSeenCheckpoint(new Uint8Array(seenCheckpointBytesMax))).toThrow(InvalidCheckpointError)
  })

  it('is not written when it would be too large', async () => {
    const { auditKey, note } = await seenOf(headAt(3))
    const witness = { name: 'w', keyId: 1, signature: new Uint8Array(seenCheckpointBytesMax) }
    expect(() => encodeSeenCheckpoint({ auditKey, note: { ...note, signatures: [...note.signatures, witness] } })).toThrow(LimitExceededError)
  })
})
