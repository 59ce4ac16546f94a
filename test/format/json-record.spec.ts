import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, InvalidStatementError, LimitExceededError, NewerFormatError } from '../../src/errors.ts'
import { decodeRecord, encodeRecord, recordFormat, refuseInvalid } from '../../src/format/json-record.ts'
import { address } from '../../src/format/schema.ts'
import { errorOf } from './vectors.ts'

const format = recordFormat({
  what: 'thing',
  format: 'some-thing',
  version: '3',
  fields: { owner: address },
  bytesMax: 120,
  invalid: (message, details) => new InvalidStatementError(message, details)
})
const owner = `0x${'ab'.repeat(20)}`
const bytes = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json))
const written = `{"format":"some-thing","owner":"${owner}","version":"3"}`

describe('encodeRecord and decodeRecord', () => {
  it('write and read the fields, and what they are', () => {
    expect(new TextDecoder().decode(encodeRecord(format, { owner }))).toBe(written)
    expect(decodeRecord(format, new TextEncoder().encode(written))).toEqual({ format: 'some-thing', version: '3', owner })
  })

  it('refuse a field that is missing, unknown or not of its form, with an error that says which', () => {
    expect(errorOf(() => encodeRecord(format, {})).message).toBe('The thing is not valid: owner is missing; it has to be an address in lower-case hexadecimal')
    expect(errorOf(() => encodeRecord(format, { owner, more: 1 })).message).toBe('The thing is not valid: it has the unknown field "more"')
    expect(() => decodeRecord(format, bytes({ format: 'some-thing', owner: '0x', version: '3' }))).toThrow(InvalidStatementError)
    expect(() => decodeRecord(format, bytes({ format: 'some-thin', owner, version: '3' }))).toThrow('format is "some-thin", which is not "some-thing"')
  })

  it('say of a newer version that it is newer, whatever else it has', () => {
    const error = errorOf(() => decodeRecord(format, bytes({ format: 'some-thing', more: 1, version: '4' })))
    expect(error).toBeInstanceOf(NewerFormatError)
    expect(error.message).toBe('The thing is of version "4"; this library reads 3: a newer release of it is needed')
  })

  it('take as many bytes as they may have and no more', () => {
    expect(() => decodeRecord(format, bytes({ a: 'b'.repeat(120 - 8) }))).toThrow(InvalidStatementError)
    expect(() => decodeRecord(format, bytes({ a: 'b'.repeat(121 - 8) }))).toThrow(LimitExceededError)
  })

  it('refuse what is not in canonical form, with the reason as cause', () => {
    const error = errorOf(() => decodeRecord(format, new TextEncoder().encode(`${written} `)))
    expect(error).toBeInstanceOf(InvalidStatementError)
    expect(error.cause).toBeDefined()
  })
})

describe('refuseInvalid', () => {
  it('makes errors of this library its own, and lets bounds and other errors through', () => {
    const fault = new TypeError('a fault')
    expect(() => refuseInvalid(format, () => { throw new InvalidArgumentError('no') })).toThrow('The thing is not valid: no')
    expect(() => refuseInvalid(format, () => { throw new LimitExceededError('much') })).toThrow(LimitExceededError)
    expect(() => refuseInvalid(format, () => { throw fault })).toThrow(fault)
  })
})
