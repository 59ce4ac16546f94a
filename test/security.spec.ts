import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as limits from '../src/limits.ts'
import { peerLimits } from '../src/network/peer-limits.ts'

const root = join(import.meta.dirname, '..')
const read = (name: string): string => readFileSync(join(root, name), 'utf8')

test('every limit that SECURITY.md names is one of limits.ts', () => {
  const named = [...read('SECURITY.md').matchAll(/`([a-z][A-Za-z]*(?:Max|Min|Ms|Seconds|Requests))`/g)].map(([, name]) => name)
  expect(named.length).toBeGreaterThan(40)
  expect(named.filter(name => name === undefined || !Object.hasOwn(limits, name))).toEqual([])
})

test('every option of limits is enforced somewhere, and its default stands in its documentation', () => {
  const documented = read('src/interface/peer-limits.ts')
  const used = ['src/network/network.ts', 'src/network/peer-network.ts', 'src/network/handshake-gate.ts', 'src/transfer/serve-places.ts']
    .map(read).join('\n')
  for (const [name, value] of Object.entries(peerLimits())) {
    expect(documented).toMatch(new RegExp(`${value.toLocaleString('en')}[^*]*\\s*(?:[^/]*?)\\*/\\s*${name}\\?: number`))
    expect(used).toMatch(new RegExp(`\\b${name}\\b`))
  }
})
