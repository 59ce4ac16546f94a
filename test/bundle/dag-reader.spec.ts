import { expect, test } from 'vitest'
import { readerOf } from '../../src/bundle/dag-reader.ts'
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
