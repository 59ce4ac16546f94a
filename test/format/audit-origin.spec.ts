import { describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.ts'
import { formatAuditOrigin, isAuditOrigin, parseAuditOrigin } from '../../src/format/audit-origin.ts'
import { checkKeyName } from '../../src/format/note-key.ts'
import type { AuditOrigin } from '../../src/format/audit-origin.ts'

const parts: AuditOrigin = { address: `0x${'ab'.repeat(20)}`, repositoryId: '0123456789abcdef'.repeat(2) }
const origin = `cortensor-datanode/${parts.address}/${parts.repositoryId}`

describe('formatAuditOrigin and parseAuditOrigin', () => {
  it('write and read whose log it is and which', () => {
    expect(formatAuditOrigin(parts)).toBe(origin)
    expect(parseAuditOrigin(origin)).toEqual(parts)
    expect(isAuditOrigin(origin)).toBe(true)
  })

  it('give names that keys of notes may have', () => {
    expect(() => { checkKeyName(formatAuditOrigin(parts)) }).not.toThrow()
  })

  it.each(['', 'a', `${origin}/`, `${origin}\n`, ` ${origin}`, origin.slice(0, -1), `${origin}0`, origin.toUpperCase(), origin.replace('0xab', '0xAB'), origin.replace('datanode', 'node')])('refuse %j', (text) => {
    expect(() => parseAuditOrigin(text)).toThrow(InvalidArgumentError)
    expect(isAuditOrigin(text)).toBe(false)
  })

  it('refuse to write what would not be read', () => {
    expect(() => formatAuditOrigin({ ...parts, repositoryId: `0x${parts.repositoryId}` })).toThrow(InvalidArgumentError)
    expect(() => formatAuditOrigin({ ...parts, address: '0xAB' })).toThrow(InvalidArgumentError)
    expect(() => parseAuditOrigin(undefined as unknown as string)).toThrow(InvalidArgumentError)
  })
})
