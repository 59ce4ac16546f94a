import { expect, it } from 'vitest'
import * as errors from '../../src/errors.ts'
import { statusOfError } from '../../src/audit/status-of-error.ts'

it('names errors of this library only', () => {
  expect(Object.keys(statusOfError).filter(name => !(name in errors))).toEqual([])
})

it('blames no miner for what goes wrong in this node', () => {
  for (const name of ['StorageError', 'StoppedError', 'CorruptBlockError', 'InvalidArgumentError']) expect(statusOfError[name]).toBeUndefined()
})
