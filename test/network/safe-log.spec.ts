import { describe, expect, it } from 'vitest'
import { safeLog } from '../../src/network/safe-log.ts'

describe('safeLog', () => {
  it('hands on a line as it is', () => {
    const lines: string[] = []
    safeLog((line) => { lines.push(line) })('router /dns4/ä is connected')
    expect(lines).toEqual(['router /dns4/ä is connected'])
  })

  it('leaves nothing in a line that could end it or move the cursor', () => {
    const lines: string[] = []
    safeLog((line) => { lines.push(line) })('a\r\nb\u2028c\u001b[2Jd\u0000')
    expect(lines).toEqual(['a b c [2Jd '])
  })

  it('is not hurt by a logger that throws', () => {
    safeLog(() => { throw new Error('disk full') })('a line')
  })

  it('is not hurt by a logger that rejects', async () => {
    const written = Promise.reject(new Error('disk full'))
    safeLog(() => written)('a line')
    await expect(written).rejects.toThrow('disk full')
  })
})
