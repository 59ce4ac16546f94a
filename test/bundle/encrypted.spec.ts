import { expect, test } from 'vitest'
import { encrypted } from '../../src/bundle/encrypted.ts'

test('says how it is encrypted, and how to read it', () => {
  const error = encrypted('urn:x', 'prompt.json', {
    format: 'cortensor-bundle', version: '1.0', kind: 'task', encryption: { scheme: 'x25519', keyId: 'k1' }
  })
  expect(error.message).toBe('prompt.json of urn:x is encrypted (scheme "x25519"): read it with bytes(\'prompt.json\') and decrypt it')
  expect(error.details).toEqual({ scheme: 'x25519', keyId: 'k1', path: 'prompt.json' })
})
