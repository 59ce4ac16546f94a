import { expect, test } from 'vitest'
import { checkDescription } from '../../src/dataset/description.ts'
import { InvalidArgumentError, InvalidManifestError } from '../../src/errors.ts'
import type { DatasetInit } from '../../src/interface/dataset.ts'

test.each([
  {}, { description: '', license: 'MIT', keywords: [], croissant: {} },
  { license: 'GPL-2.0+', datePublished: '2024-02-29' }, { license: 'https://example.org/licence', croissant: { citeAs: ['a', { b: null }] } },
  { creators: [{ name: 'n' }, { name: 'm', url: 'https://example.org' }], keywords: ['k'], croissant: { citeAs: 'c' } }
])('takes %j', description => {
  checkDescription(description)
})

test.each([
  ['description', { description: 5 }], ['license', { license: null }], ['creators', { creators: 'me' }], ['creators[0]', { creators: [null] }],
  ['creators[0].name', { creators: [{}] }], ['creators[1].url', { creators: [{ name: 'n' }, { name: 'n', url: 5 }] }],
  ['creators', { creators: [] }], ['license', { license: '' }], ['license', { license: 'my own' }], ['license', { license: 'javascript:1' }],
  ['datePublished', { datePublished: '2026-02-30' }], ['datePublished', { datePublished: '2026-13-01' }],
  ['keywords', { keywords: 'k' }], ['keywords[0]', { keywords: [5] }], ['croissant', { croissant: [] }]
])('names %s when it is not of its form', (field, description: unknown) => {
  expect(() => { checkDescription(description as DatasetInit) }).toThrow(InvalidArgumentError)
  expect(() => { checkDescription(description as DatasetInit) }).toThrow(`${field} must be `)
})

test.each([[{ '@context': {} }], [{ citeAs: [{ deep: { '@context': 'https://example.org' } }] }]])('refuses the context of %j, at whatever depth', croissant => {
  expect(() => { checkDescription({ croissant }) }).toThrow(/"@context" of its own/)
})

test.each(['name', 'distribution', 'recordSet', 'license', '@type'])('refuses what would be lost: another %s', property => {
  expect(() => { checkDescription({ croissant: { [property]: [] } }) }).toThrow(`"${property}"`)
})

test.each([
  ['a cycle', () => { const loop: Record<string, unknown> = {}; return Object.assign(loop, { loop }) }], ['a member that is no data', () => JSON.parse('{"__proto__":1}') as unknown],
  ['a number that JSON has not', () => ({ n: NaN })], ['what is no JSON at all', () => ({ f: () => 1 })]
])('refuses %s', (_, make) => {
  expect(() => { checkDescription({ croissant: make() } as DatasetInit) }).toThrow(InvalidManifestError)
})
