import { describe, expect, test } from 'vitest'
import { encodePayload, payloadPaths } from '../../src/bundle/payload.ts'
import { InvalidManifestError, LimitExceededError } from '../../src/errors.ts'
import { manifestBytesMax } from '../../src/limits.ts'
import type { Manifest } from '../../src/interface/manifest.ts'

const manifest = (kind: string, encryption?: object): Manifest => ({ format: 'cortensor-bundle', version: '1.0', kind, ...encryption })
const encryption = { encryption: { scheme: 's', keyId: 'k' } }

test('names what a handle reads when it is opened, and not what is encrypted', () => {
  expect(payloadPaths(manifest('task'))).toEqual(['prompt.json', 'config.json', 'session.json'])
  expect(payloadPaths(manifest('task', encryption))).toEqual(['config.json', 'session.json'])
  expect(payloadPaths(manifest('result'))).toEqual(['output.json'])
  expect(payloadPaths(manifest('result', encryption))).toEqual([])
  expect(payloadPaths(manifest('dataset'))).toEqual([])
})

describe('encodePayload', () => {
  test('takes as much as can be read, and no byte more', () => {
    const quotes = 2
    expect(encodePayload('prompt', 'x'.repeat(manifestBytesMax - quotes)).byteLength).toBe(manifestBytesMax)
    expect(() => encodePayload('prompt', 'x'.repeat(manifestBytesMax - quotes + 1))).toThrow(LimitExceededError)
    expect(() => encodePayload('prompt', 'x'.repeat(manifestBytesMax - quotes + 1))).toThrow(/^prompt has 1048577 bytes .* put it into a file$/)
  })

  test('takes more of what no handle reads', () => {
    expect(encodePayload('prompt', 'x'.repeat(manifestBytesMax), false).byteLength).toBe(manifestBytesMax + 2)
  })

  test.each([undefined, 5n, NaN, () => 1])('names the field that JSON cannot hold: %s', value => {
    expect(() => encodePayload('output', value as never)).toThrow(InvalidManifestError)
    expect(() => encodePayload('output', value as never)).toThrow(/^output cannot be published: /)
  })
})
