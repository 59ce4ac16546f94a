import { expect, it } from 'vitest'
import { fetchVersion } from '../../src/dataset/fetch-version.ts'
import { root } from '../audit/fixtures.ts'
import { emptyStore, knownVersion } from './fixtures.ts'
import type { KnownVersion } from '../../src/dataset/known-versions.ts'
import type { Bundle, DatasetBundle } from '../../src/interface/bundle.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

const options = { signal: new AbortController().signal }
const first = await knownVersion('one', '1.0.0')

function fetching (known: KnownVersion[], isStored = false) {
  const calls: string[] = []
  const bundle = { manifest: { ...first.manifest, kind: 'dataset' }, close: async () => { await Promise.resolve(calls.push('close')) } }
  return {
    calls,
    components: {
      store: { ...emptyStore, record: () => isStored ? {} as StoredBundle : undefined },
      versions: { list: async () => await Promise.resolve(known) },
      fetch: async () => await Promise.resolve((calls.push('fetch'), bundle as unknown as Bundle)),
      openVersion: async () => await Promise.resolve((calls.push('open'), bundle as unknown as DatasetBundle))
    }
  }
}

it.each([
  ['fetches at once what is stored', [first], true, first.manifest, ['fetch']],
  ['fetches at once where no other version is here', [], false, first.manifest, ['fetch']],
  ['fetches at once where nobody knows of which dataset it is', [first], false, undefined, ['fetch']]
] as const)('%s', async (_, known, isStored, of, expected) => {
  const { calls, components } = fetching([...known], isStored)
  await fetchVersion(components, root('two'), of, options)
  expect(calls).toEqual(expected)
})

it('looks first at what differs from another version, and lets go of it whatever happens', async () => {
  const { calls, components } = fetching([first])
  // Not a handle of this library: what is in it cannot be looked at.
  await expect(fetchVersion(components, root('two'), first.manifest, options)).rejects.toThrow(TypeError)
  expect(calls).toEqual(['open', 'close'])
})
