import { expect, it } from 'vitest'
import { VersionClaims } from '../../src/dataset/check-new-version.ts'
import { publishVersion } from '../../src/dataset/publish-version.ts'
import { miner, root } from '../audit/fixtures.ts'
import { emptyStore, knownVersion } from './fixtures.ts'
import type { PublishVersionComponents } from '../../src/dataset/publish-version.ts'
import type { BundleInit } from '../../src/bundle/publish.ts'
import type { Bundle, DatasetBundle } from '../../src/interface/bundle.ts'

const first = await knownVersion('one', '1.0.0')
const init = { name: 'qa', version: '1.1.0', files: [{ name: 'a', text: 'a' }] }

function publishing () {
  const inits: BundleInit[] = []
  let open = 0
  const components: PublishVersionComponents = {
    publisher: first.manifest.publisher,
    store: emptyStore,
    versions: { list: async () => await Promise.resolve([first]) },
    claims: new VersionClaims(),
    open: async () => await Promise.reject(new Error('opened')),
    openVersion: async () => {
      open++
      const files = async function * () { yield await Promise.resolve({ type: 'file', path: 'data/b', cid: root('b') }) }
      const close = async (): Promise<void> => { await Promise.resolve(open--) }
      return await Promise.resolve({ ...first, urn: 'u', files, close } as unknown as DatasetBundle)
    },
    publish: async given => {
      inits.push(given)
      return await Promise.resolve({ manifest: { kind: 'dataset' } } as unknown as Bundle)
    }
  }
  return { components, inits, opened: () => open }
}

it('refuses what is taken when its root is known, and before it is signed', async () => {
  const { components, inits } = publishing()
  await publishVersion(components, { ...init, version: '1.0.0' }, {})
  expect(() => inits[0]?.claim?.(root('other'))).toThrow(expect.objectContaining({ name: 'VersionTakenError' }))
  inits[0]?.claim?.(first.cid)
})

it('checks the number against what changed once the files are known, and closes the version before it', async () => {
  const { components, inits, opened } = publishing()
  await publishVersion(components, { ...init, previous: first.cid }, { readers: [miner(2)] })
  const file = { path: 'data/a', cid: root('a'), bytes: 1n, sha256: `0x${'00'.repeat(32)}` as const }
  await expect(inits[0]?.describe?.([file], { read: async function * () { yield await Promise.resolve(new Uint8Array()) } }))
    .rejects.toMatchObject({ name: 'VersionRuleError', details: { gone: ['data/b'] } })
  expect(inits[0]?.readers).toEqual([miner(2)])
  expect(opened()).toBe(0)
})
