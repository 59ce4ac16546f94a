import { expect, test } from 'vitest'
import { below, readerOf } from '../../src/bundle/dag-reader.ts'
import { TestDag } from './dags.ts'
import type { AbortOptions } from '../../src/interface/primitives.ts'

test('reads by CID wherever a block stands, with the caller\'s options', async () => {
  const dag = new TestDag()
  const cid = dag.raw('x')
  const options: AbortOptions = { signal: new AbortController().signal }
  const seen: unknown[] = []
  const reader = readerOf({ get: async (cid, options) => {
    seen.push(options)
    return dag.get(cid)
  } })
  expect(Buffer.from(await reader.get({ cid, position: [4, 2] }, options)).toString()).toBe('x')
  expect(seen).toEqual([options])
  expect(reader.prepare).toBeUndefined()
})

test('names a place with everything below it', () => {
  const cid = new TestDag().raw('x')
  expect(below({ cid, position: [4, 2] }, 'inner')).toEqual({ from: [4, 2], to: [4, 3], mode: 'inner' })
  expect(below({ cid, position: [] }, 'all')).toEqual({ from: [], to: undefined, mode: 'all' })
})
