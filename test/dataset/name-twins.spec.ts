import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { refuseTwins } from '../../src/dataset/name-twins.ts'
import { describedFilesAtOnce } from '../../src/limits.ts'

test.each([[['data/a', 'data/b', 'data/a.b/c']], [['data/x/a', 'data/x/b']], [['data/X/A', 'data/X/b', 'data/Y/A']], [[]]])('takes %j', async paths => { await refuseTwins(paths) })

test.each([
  [['data/a', 'data/A']], [['data/A', 'data/a']], [['data/Ab', 'data/aB']], [['data/x/a', 'data/X/b']], [['data/X/a', 'data/x/b']], [['data/\u00e9', 'data/e\u0301']], [['data/stra\u00dfe', 'data/STRASSE']]
])('refuses %j, and names both', async paths => {
  await expect(refuseTwins(paths)).rejects.toThrow(expect.objectContaining({ name: 'InvalidNameError' }))
})

test('gives other work its turn between parts of many paths, and ends when it is told to', async () => {
  const stop = new AbortController()
  let taken = 0
  const paths = { * [Symbol.iterator] (): Generator<string> { for (;;) yield `data/${taken++}` } }
  const refused = refuseTwins(paths, { signal: stop.signal })
  await setImmediate()
  stop.abort(new Error('enough'))
  await expect(refused).rejects.toThrow('enough')
  expect(taken).toBeLessThan(5 * describedFilesAtOnce)
})
