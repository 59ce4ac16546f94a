import { expect, test } from 'vitest'
import { parseSession, parseTaskReference, sessionOf, taskReference, taskText } from '../../src/bundle/task-reference.ts'
import { InvalidArgumentError } from '../../src/errors.ts'

const session = { chainId: '421614', queue: `0x${'cc'.repeat(20)}`, sessionId: '7' } as const

test('keeps what names a session or task, and nothing else', () => {
  const extended = { ...session, note: 'of a later version' }
  expect(sessionOf(extended)).toEqual(session)
  expect(taskReference(extended, '0')).toEqual({ ...session, taskId: '0' })
})

test('writes a task so that any other field makes another text', () => {
  const task = taskReference(session, '0')
  expect(taskText(task)).toBe(`421614:0x${'cc'.repeat(20)}/7/0`)
  const others = [{ chainId: '1' }, { queue: `0x${'dd'.repeat(20)}` as const }, { sessionId: '70' }, { taskId: '70' }]
  expect(new Set([task, ...others.map(other => ({ ...task, ...other }))].map(taskText)).size).toBe(5)
})

test('takes the name of a session or task from a host, its address in lower case', () => {
  const upper = { ...session, queue: `0x${'CC'.repeat(20)}`, note: 5 }
  expect(parseSession(upper, 'session')).toEqual(session)
  expect(parseTaskReference({ ...upper, taskId: '0' })).toEqual({ ...session, taskId: '0' })
})

test.each([undefined, null, 5, 'x', [], {}, { ...session, chainId: 421614 }, { ...session, queue: '0x1' }, { ...session, sessionId: '07' }])(
  'refuses %j as the name of a session', given => {
    expect(() => parseSession(given, 'session')).toThrow(InvalidArgumentError)
  })

test.each([undefined, session, { ...session, taskId: 0 }, { ...session, taskId: '00' }])('refuses %j as the name of a task', given => {
  expect(() => parseTaskReference(given)).toThrow(InvalidArgumentError)
})
