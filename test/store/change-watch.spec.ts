import { expect, test } from 'vitest'
import { ChangeWatch } from '../../src/store/change-watch.ts'

test('tells each directory when a change begins and when it has ended, also when it fails', async () => {
  const watch = new ChangeWatch()
  const seen: string[] = []
  const stop = watch.observe(directory => { seen.push(directory) })
  await watch.run(['/a/1', '/b/2', '/a/3'], async () => { seen.push('work') })
  expect(seen).toEqual(['/a', '/b', 'work', '/a', '/b'])
  seen.length = 0
  await expect(watch.run(['/a/1'], async () => { throw new Error('no') })).rejects.toThrow('no')
  expect(seen).toEqual(['/a', '/a'])
  stop()
  await watch.run(['/a/1'], async () => {})
  expect(seen).toEqual(['/a', '/a'])
  expect(watch.isQuiet).toBe(true)
})

test('is quiet when the last of all changes has ended', async () => {
  const watch = new ChangeWatch()
  await watch.quiet()
  const gates = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  const changes = gates.map(({ promise }) => watch.run(['/a/1'], async () => { await promise }))
  let quiet = false
  const waiting = watch.quiet().then(() => { quiet = true })
  gates[0]?.resolve(undefined)
  await changes[0]
  expect([quiet, watch.isQuiet]).toEqual([false, false])
  gates[1]?.resolve(undefined)
  await changes[1]
  await waiting
  expect([quiet, watch.isQuiet]).toEqual([true, true])
})

test('is quiet during what is done aside, also when that fails', async () => {
  const watch = new ChangeWatch()
  const seen: boolean[] = []
  await watch.run(['/a/1'], async () => {
    await watch.aside(async () => {
      await watch.quiet()
      seen.push(watch.isQuiet)
    })
    seen.push(watch.isQuiet)
    await watch.aside(async () => { throw new Error('no') }).catch(() => {})
    seen.push(watch.isQuiet)
  })
  expect(seen).toEqual([true, false, false])
  expect(watch.isQuiet).toBe(true)
})

test('stops waiting with the reason of the signal', async () => {
  const watch = new ChangeWatch()
  const gate = Promise.withResolvers<undefined>()
  const change = watch.run(['/a/1'], async () => { await gate.promise })
  const controller = new AbortController()
  const waiting = watch.quiet(controller)
  controller.abort('enough')
  await expect(waiting).rejects.toBe('enough')
  gate.resolve(undefined)
  await change
})
