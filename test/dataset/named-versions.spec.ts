import { expect, test } from 'vitest'
import { namedVersions } from '../../src/dataset/named-versions.ts'
import { trailDatasetsMax } from '../../src/limits.ts'
import { testIdentity } from '../bundle/fixtures.ts'
import { knownVersion, signVersion } from './fixtures.ts'
import type { KnownVersion } from '../../src/dataset/known-versions.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

const signer = testIdentity(1).address
const first = await knownVersion('one', '1.0.0')
const second = await knownVersion('two', '1.1.0', first.cid)
const other: KnownVersion = { ...await knownVersion('other', '1.0.0'), manifest: { ...first.manifest, name: 'other' } }

async function names (versions: KnownVersion[], stored: Partial<StoredBundle> = {}): Promise<string[]> {
  const record = (): StoredBundle => ({ readers: 'anyone', embargoed: false, ...stored }) as StoredBundle
  const named = await namedVersions({ versions: { list: async () => await Promise.resolve(versions) }, store: { record } }, signer)
  return named.map(({ name, version }) => `${name}@${version}`)
}

test('names the newest version of each dataset first', async () => {
  expect(await names([first, other, second])).toEqual(['qa@1.1.0', 'other@1.0.0', 'qa@1.0.0'])
})

test('names nothing that is restricted, embargoed, or signed by somebody else', async () => {
  expect(await names([first], { readers: [] })).toEqual([])
  expect(await names([first], { embargoed: true })).toEqual([])
  const stranger = await signVersion(second.cid, first.cid, { identity: testIdentity(2) })
  expect(await names([{ ...first, signed: undefined }, { ...second, signed: stranger }])).toEqual([])
})

test('names as many as a list may have', async () => {
  const versions = Array.from({ length: trailDatasetsMax + 1 }, (_, n) => ({ ...first, manifest: { ...first.manifest, name: `d${n}` } }))
  expect(await names(versions)).toHaveLength(trailDatasetsMax)
})

test('says by which delegation a node signed for the publisher', async () => {
  const delegation = { node: signer, until: '9', time: '0', signature: `0x${'11'.repeat(65)}` } as const
  const version = { ...first, delegation: { wallet: other.manifest.publisher, delegation } }
  const [named] = await namedVersions({
    versions: { list: async () => await Promise.resolve([version]) }, store: { record: () => ({ readers: 'anyone', embargoed: false }) as StoredBundle }
  }, signer)
  expect(named).toEqual({ publisher: first.manifest.publisher, name: 'qa', version: '1.0.0', statement: first.signed?.statement, delegation })
})
