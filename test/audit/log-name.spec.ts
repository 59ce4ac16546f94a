import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.ts'
import { formatLogName, parseLogName } from '../../src/audit/log-name.ts'

const origin = `cortensor-datanode/0x${'ab'.repeat(20)}/${'01'.repeat(16)}`

test('is the origin of a log as one name', () => {
  expect(formatLogName(origin)).toBe(`0x${'ab'.repeat(20)}-${'01'.repeat(16)}`)
  expect(parseLogName(formatLogName(origin))).toBe(origin)
})

test('is that of no other log, and of nothing else', () => {
  expect(() => formatLogName('example.com/log')).toThrow(InvalidArgumentError)
  for (const name of ['', 'x', `0x${'AB'.repeat(20)}-${'01'.repeat(16)}`, `${formatLogName(origin)}-1`, '..']) expect(parseLogName(name)).toBeUndefined()
})
