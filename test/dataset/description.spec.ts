import { expect, test } from 'vitest'
import { checkDescription } from '../../src/dataset/description.ts'
import { InvalidArgumentError } from '../../src/errors.ts'
import type { DatasetInit } from '../../src/interface/dataset.ts'

test.each([
  {}, { description: '', license: 'MIT', creators: [], keywords: [], croissant: {} },
  { creators: [{ name: 'n' }, { name: 'm', url: 'https://example.org' }], keywords: ['k'], croissant: { citeAs: 'c' } }
])('takes %j', description => {
  checkDescription(description)
})

test.each([
  ['description', { description: 5 }], ['license', { license: null }], ['creators', { creators: 'me' }], ['creators[0]', { creators: [null] }],
  ['creators[0].name', { creators: [{}] }], ['creators[1].url', { creators: [{ name: 'n' }, { name: 'n', url: 5 }] }],
  ['keywords', { keywords: 'k' }], ['keywords[0]', { keywords: [5] }], ['croissant', { croissant: [] }]
])('names %s when it is not of its form', (field, description: unknown) => {
  expect(() => { checkDescription(description as DatasetInit) }).toThrow(InvalidArgumentError)
  expect(() => { checkDescription(description as DatasetInit) }).toThrow(`${field} must be `)
})
