import { expect, it } from 'vitest'
import { fromHex } from '../../src/format/hex.ts'
import { loadRecovery } from '../../src/format/recover-key-wasm.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import type { Statement } from '../../src/interface/statement.ts'
import { at, readVectors } from './vectors.ts'
import { addressOf } from '../../src/format/address.ts'

const vectors = readVectors('statement') as { valid: { digest: Hex, signer: Hex, statement: Statement }[] }

it('finds the keys that signed the statements of the vectors', async () => {
  const recover = await loadRecovery()
  for (const { digest, signer, statement } of vectors.valid) {
    const signature = fromHex(statement.signature)
    const key = recover(fromHex(digest), { compact: signature.subarray(0, 64), recovery: signature[64] === 27 ? 0 : 1 })
    expect(addressOf(key)).toBe(signer)
  }
})

it('throws when a signature belongs to no key', async () => {
  const recover = await loadRecovery()
  const { digest } = at(vectors.valid, 0)
  expect(() => recover(fromHex(digest), { compact: new Uint8Array(64), recovery: 0 })).toThrow()
})
