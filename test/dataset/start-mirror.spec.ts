import { expect, it } from 'vitest'
import { startMirror } from '../../src/dataset/start-mirror.ts'
import { knownVersion } from './fixtures.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'
import type { Hold } from '../../src/interface/hold.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

const first = await knownVersion('one', '1.0.0')
const second = await knownVersion('two', '1.1.0', first.cid)

it('fetches what is not held for a mirror yet, whoever else holds it, and ends its own holds only', async () => {
  const holds = new Map<string, Hold[]>([[first.cid.toString(), [{ owner: 'mirror' }]], [second.cid.toString(), [{ owner: 'host' }]]])
  const calls: unknown[] = []
  const mirror = await startMirror({
    store: {
      has: async () => await Promise.resolve(true), records: () => [], owners: async () => await Promise.resolve([]),
      record: cid => ({ holds: holds.get(cid.toString()) ?? [] }) as unknown as StoredBundle
    },
    versions: { list: async () => await Promise.resolve([first, second]) },
    run: async (options, call) => await call({ ...options, signal: options.signal ?? new AbortController().signal }),
    log: () => {},
    history: async function * () { yield await Promise.resolve({ version: '1.1.0', cid: second.cid.toString() }) },
    fetch: async (ref, { hold }) => await Promise.resolve((calls.push(['fetch', ref, hold]), { close: async () => await Promise.resolve() } as unknown as DatasetBundle)),
    release: async (ref, options) => await Promise.resolve(calls.push(['release', ref, options]))
  }, first.manifest, { versions: 'latest' })
  await mirror.stop()
  expect(mirror.name).toBe(`${first.manifest.publisher}/qa`)
  expect(calls).toEqual([['fetch', second.cid.toString(), { owner: 'mirror' }], ['release', first.cid.toString(), { owner: 'mirror' }]])
})
