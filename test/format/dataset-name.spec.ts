import { expect, test } from 'vitest'
import { formatDatasetName, parseDatasetName } from '../../src/format/dataset-name.ts'

const address = `0x${'ab'.repeat(20)}` as const

test.each([
  [`${address}/qa`, { publisher: address, name: 'qa' }],
  [`0x${'AB'.repeat(20)}/q.a-1_2@1.20.0`, { publisher: address, name: 'q.a-1_2', version: '1.20.0' }]
])('reads %s, and writes it again', (text, name) => {
  expect(parseDatasetName(text)).toEqual(name)
  expect(formatDatasetName(name)).toBe(text.toLowerCase())
})

test.each([
  undefined, null, 5, '', 'qa', address, `${address}/`, `${address}/QA`, `${address}/-qa`, `${address}/q/a`, `${address}/${'q'.repeat(101)}`,
  `${address}/qa@`, `${address}/qa@1.0`, `${address}/qa@01.0.0`, `${address}/qa@1.0.0-rc`, `${address}x/qa`, ` ${address}/qa`, `${address}/qa\n`
])('takes %j for no name', text => {
  expect(parseDatasetName(text)).toBeUndefined()
})
