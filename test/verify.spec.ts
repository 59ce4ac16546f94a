import { rolldown } from 'rolldown'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../src/format/hex.ts'
import { readVectors } from './format/vectors.ts'
import type * as Verify from '../src/verify.ts'

const { valid: [first] } = readVectors('statement') as { valid: { bytes: string, signer: string }[] }

const bundle = async (): Promise<string> => {
  const build = await rolldown({ input: new URL('../src/verify.ts', import.meta.url).pathname, platform: 'browser', logLevel: 'silent' })
  try {
    const { output: [{ code }] } = await build.generate({ format: 'esm', minify: true })
    return code
  } finally {
    await build.close()
  }
}

describe('cortensor-datanode/verify', () => {
  it('is below 200 KB for a browser, and needs nothing of Node.js', async () => {
    const code = await bundle()
    expect(code.length).toBeLessThan(200_000)
    expect(code).not.toMatch(/from\s*["']|\bimport\s*["'(]|\brequire\s*\(|\bnode:|\bBuffer\.|\bprocess\./)
  })

  it('verifies a statement where there is nothing but the bundle', async () => {
    const module = await import(`data:text/javascript,${encodeURIComponent(await bundle())}`) as typeof Verify
    expect(module.verifyStatement(module.decodeStatement(fromHex(first?.bytes ?? ''))).signer).toBe(first?.signer)
  })
})
