import fc from 'fast-check'
import { ed25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, InvalidNoteError, InvalidSignatureError, LimitExceededError, UnsignedError } from '../../src/errors.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { decodeNote, encodeNote, signNote, verifyNote } from '../../src/format/signed-note.ts'
import { noteBytesMax, noteSignaturesMax } from '../../src/limits.ts'
import type { NoteKey } from '../../src/format/note-key.ts'
import type { NoteSignature, SignedNote } from '../../src/format/signed-note.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import { mutations } from './arbitraries.ts'
import { again, at, errorOf, mutate, readVectors } from './vectors.ts'

interface SignatureJson extends Omit<NoteSignature, 'signature'> {
  signature: Hex
}

const vectors = readVectors('signed-note') as {
  keys: { name: string, publicKey: Hex }[]
  valid: { name: string, text: string, signatures: SignatureJson[], bytes: Hex, key: number }[]
  invalid: { name: string, bytes: Hex, error: string }[]
  unverified: { name: string, bytes: Hex, key: number, error: string }[]
}
const { seed, message } = readVectors('audit-key') as { seed: Hex, message: { text: string, signature: Hex } }

const keys: NoteKey[] = vectors.keys.map(({ name, publicKey }) => ({ name, publicKey: fromHex(publicKey) }))
const notes = vectors.valid.map(({ text, signatures }): SignedNote =>
  ({ text, signatures: signatures.map(({ signature, ...key }) => ({ ...key, signature: fromHex(signature) })) }))
const sign = async (message: Uint8Array): Promise<Uint8Array> => ed25519.sign(message, fromHex(seed))
const note = at(notes, 1)

describe('encodeNote and decodeNote', () => {
  it.each(vectors.valid.map((vector, index) => ({ ...vector, note: at(notes, index) })))('write and read: $name', ({ note, bytes }) => {
    expect(toHex(encodeNote(note))).toBe(bytes)
    expect(decodeNote(fromHex(bytes))).toEqual(note)
  })

  it.each(vectors.invalid)('refuse: $name', ({ bytes, error }) => {
    expect(errorOf(() => decodeNote(fromHex(bytes))).name).toBe(error)
  })

  it('refuse changed bytes, or they are another note', () => {
    fc.assert(fc.property(fc.constantFrom(...vectors.valid), mutations, ({ bytes }, changes) => {
      const changed = mutate(fromHex(bytes), changes)
      expect(again(changed, decodeNote, encodeNote) ?? changed).toEqual(changed)
    }), { numRuns: 150 })
  })

  it('take sixteen signatures that resist quantum computers', () => {
    const large = { name: 'witness.example/w', keyId: 1, signature: new Uint8Array(4900) }
    const bytes = encodeNote({ text: 'a\n', signatures: Array.from({ length: 16 }, () => large) })
    expect(decodeNote(bytes).signatures).toHaveLength(16)
  })

  it('take 32 signatures and no more', () => {
    const signatures = Array.from({ length: noteSignaturesMax }, () => at(note.signatures, 0))
    expect(decodeNote(encodeNote({ ...note, signatures })).signatures).toEqual(signatures)
    expect(() => encodeNote({ ...note, signatures: [...signatures, at(signatures, 0)] })).toThrow(LimitExceededError)
  })

  it('take 256 KiB and no byte more', () => {
    const rest = encodeNote(note).length - note.text.length
    const longest = { ...note, text: `${'a'.repeat(noteBytesMax - rest - 1)}\n` }
    const bytes = encodeNote(longest)
    expect(bytes).toHaveLength(noteBytesMax)
    expect(decodeNote(bytes)).toEqual(longest)
    expect(() => encodeNote({ ...note, text: `a${longest.text}` })).toThrow(LimitExceededError)
    expect(() => decodeNote(new Uint8Array(noteBytesMax + 1))).toThrow(LimitExceededError)
  })

  it.each([
    { text: 'a' }, { text: '' }, { text: 'a\t\n' }, { text: '\ud800\n' }, { text: 1 }, { signatures: [] }, { signatures: 'x' },
    ...[{ name: '' }, { name: 'a+b' }, { keyId: -1 }, { keyId: 2 ** 32 }, { keyId: 0.5 }, { signature: new Uint8Array(0) }, { signature: 'x' }]
      .map(change => ({ signatures: [{ ...at(note.signatures, 0), ...change }] }))
  ])('refuse to write %o', (change) => {
    expect(() => encodeNote({ ...note, ...change } as unknown as SignedNote)).toThrow(InvalidNoteError)
  })

  it.each([undefined, null, 'x', []])('refuse %o', (value) => {
    expect(() => encodeNote(value as unknown as SignedNote)).toThrow(InvalidArgumentError)
    expect(() => decodeNote(value as unknown as Uint8Array)).toThrow(InvalidArgumentError)
  })
})

describe('verifyNote', () => {
  it.each(vectors.valid)('finds the signature of: $name', ({ bytes, key }) => {
    expect(() => { verifyNote(decodeNote(fromHex(bytes)), at(keys, key)) }).not.toThrow()
  })

  it.each(vectors.unverified)('refuses: $name', ({ bytes, key, error }) => {
    expect(errorOf(() => { verifyNote(decodeNote(fromHex(bytes)), at(keys, key)) }).name).toBe(error)
  })

  it('names the key that is missing and those that there are', () => {
    const error = errorOf(() => { verifyNote(note, at(keys, 0)) })
    expect(error).toBeInstanceOf(UnsignedError)
    expect(error.message).toBe('The note has no signature by the expected key "example.com/foo"; it is signed by "PeterNeumann"')
    expect(error.details).toMatchObject({ signers: ['PeterNeumann'], expected: 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k' })
  })

  it('refuses a public key of small order, which fits many signatures', async () => {
    const key = { name: 'a', publicKey: Uint8Array.of(1, ...new Uint8Array(31)) }
    const fits = Uint8Array.of(1, ...new Uint8Array(63))
    await expect(signNote('a\n', key, async () => fits)).rejects.toThrow(InvalidSignatureError)
  })

  it('refuses a public key that is no point', async () => {
    const key = { name: 'a', publicKey: new Uint8Array(32).fill(0xff) }
    await expect(signNote('a\n', key, sign)).rejects.toThrow(InvalidSignatureError)
  })
})

describe('signNote', () => {
  it('makes the signature that Node.js makes', async () => {
    const signed = await signNote(message.text, at(keys, 2), sign)
    expect(signed.signatures.map(({ signature }) => toHex(signature))).toEqual([message.signature])
    expect(() => { verifyNote(decodeNote(encodeNote(signed)), at(keys, 2)) }).not.toThrow()
  })

  it('refuses a signer that gives something else, or signs for another key', async () => {
    await expect(signNote('a\n', at(keys, 2), async () => new Uint8Array(64))).rejects.toThrow(InvalidSignatureError)
    await expect(signNote('a\n', at(keys, 2), async () => new Uint8Array(0))).rejects.toThrow(InvalidNoteError)
    await expect(signNote('a\n', at(keys, 1), sign)).rejects.toThrow(InvalidSignatureError)
  })

  it('asks for no signature of a text that is not one', async () => {
    const asked: Uint8Array[] = []
    const signing = signNote('a', at(keys, 2), (message) => {
      asked.push(message)
      return sign(message)
    })
    await expect(signing).rejects.toThrow(InvalidNoteError)
    expect(asked).toEqual([])
  })

  it('lets the error of a signer through as it is', async () => {
    const failure = new Error('the signer is away')
    await expect(signNote('a\n', at(keys, 2), () => Promise.reject(failure))).rejects.toBe(failure)
  })
})
