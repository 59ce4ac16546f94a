import { expect, test } from 'vitest'
import { checkTask } from '../../src/bundle/check-task.ts'
import { InvalidArgumentError } from '../../src/errors.ts'

test('takes the handle of a task', () => {
  checkTask({ manifest: { kind: 'task' } })
})

test.each([undefined, null, 5, 'urn:blob:v2:ipfs:x', {}, [], { manifest: null }, { manifest: { kind: 'result' } }])('refuses %j', task => {
  expect(() => { checkTask(task) }).toThrow(InvalidArgumentError)
  expect(() => { checkTask(task) }).toThrow(/^task must be the handle of a task bundle/)
})
