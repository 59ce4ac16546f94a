import { describe, expect, it } from 'vitest'
import { KnownVersions, statementOf } from '../../src/dataset/known-versions.ts'
import { NotStoredError } from '../../src/errors.ts'
import { testIdentity } from '../bundle/fixtures.ts'
import { root } from '../audit/fixtures.ts'
import { knownVersion, signVersion } from './fixtures.ts'
import type { KnownVersion } from '../../src/dataset/known-versions.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

function storing (versions: KnownVersion[]) {
  const opened: string[] = []
  const stored = new Map(versions.map(({ cid, signed }) =>
    [cid.toString(), { root: cid, kind: 'dataset', statements: signed === undefined ? [] : [signed] } as unknown as StoredBundle]))
  const known = new KnownVersions({
    delegationsOf: () => [],
    store: { record: cid => stored.get(cid.toString()), records: () => [...stored.values(), { root: root('t'), kind: 'task' } as StoredBundle] },
    readManifest: async cid => {
      opened.push(cid.toString())
      const version = versions.find(one => one.cid.equals(cid))
      if (version === undefined || !stored.has(cid.toString())) throw new NotStoredError('gone')
      return await Promise.resolve(version.manifest)
    }
  })
  return { known, opened, stored }
}

const first = await knownVersion('one', '1.9.0')
const second = await knownVersion('two', '1.10.0', first.cid)

describe('KnownVersions', () => {
  it('lists versions in the order of their numbers, and reads each manifest once', async () => {
    const { known, opened } = storing([second, first])
    expect((await known.list(first.manifest)).map(({ manifest }) => manifest.datasetVersion)).toEqual(['1.9.0', '1.10.0'])
    await known.list()
    expect(opened).toHaveLength(2)
  })

  it('lists those of the dataset that is meant', async () => {
    const { known } = storing([first])
    expect(await known.list({ publisher: first.manifest.publisher, name: 'other' })).toEqual([])
    expect(await known.list({ publisher: testIdentity(2).address, name: 'qa' })).toEqual([])
  })

  it('passes over what is let go meanwhile, and forgets it', async () => {
    const { known, stored } = storing([first, second])
    await known.list()
    stored.delete(first.cid.toString())
    expect(await known.list()).toMatchObject([{ cid: second.cid }])
    stored.set(root('gone').toString(), { root: root('gone'), kind: 'dataset', statements: [] } as unknown as StoredBundle)
    expect(await known.list()).toHaveLength(1)
  })
})

describe('statementOf', () => {
  it('takes the publisher\'s own statement about this root as a dataset, and no other', async () => {
    const { cid, manifest, signed } = first
    expect(statementOf({ statements: [signed as NonNullable<typeof signed>], delegations: [] }, cid, manifest)).toBe(signed)
    for (const other of [
      await signVersion(cid, undefined, { identity: testIdentity(2) }), await signVersion(cid, undefined, { kind: 'result' }), await signVersion(root('x'), undefined)
    ]) expect(statementOf({ statements: [other], delegations: [] }, cid, manifest)).toBeUndefined()
  })

  it('takes that of a node by a delegation of the publisher, and says by which in a list', async () => {
    const { cid, manifest } = first
    const node = testIdentity(2)
    const signed = await signVersion(cid, undefined, { identity: node })
    const delegation = { wallet: manifest.publisher, delegation: { node: node.address, until: '9', time: '0', signature: '0x' as const } }
    expect(statementOf({ statements: [signed], delegations: [delegation] }, cid, manifest)).toBe(signed)
    const { known, stored } = storing([{ ...first, signed }])
    expect(await known.list()).toMatchObject([{ signed: undefined, delegation: undefined }])
    stored.set(cid.toString(), { ...stored.get(cid.toString()) as StoredBundle, delegations: [delegation] })
    expect(await known.list()).toMatchObject([{ signed, delegation }])
  })
})
