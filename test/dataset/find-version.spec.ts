import { describe, expect, it } from 'vitest'
import { findVersion, knownCandidates } from '../../src/dataset/find-version.ts'
import { UnavailableError } from '../../src/errors.ts'
import { root } from '../audit/fixtures.ts'
import { knownVersion } from './fixtures.ts'
import type { FindVersionComponents } from '../../src/dataset/find-version.ts'
import type { KnownVersion } from '../../src/dataset/known-versions.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'
import type { DatasetManifest } from '../../src/interface/manifest.ts'

const options = { signal: new AbortController().signal }
const first = await knownVersion('one', '1.0.0')
const second = await knownVersion('two', '1.1.0', first.cid)
const name = `${first.manifest.publisher}/qa`

/** A node that has these versions, whose manifests may say something else than what is known of them. */
function knowing (versions: KnownVersion[], manifests = new Map<string, Partial<DatasetManifest> | undefined>()): FindVersionComponents {
  return {
    network: { find: () => undefined, connect: async () => await Promise.reject(new Error('nobody')), openStream: async () => await Promise.reject(new Error('nobody')), routerPeers: () => [] },
    versions: { list: async () => await Promise.resolve(versions) },
    delegationsOf: () => [],
    openVersion: async ref => {
      const key = String(ref)
      const known = versions.find(({ cid }) => cid.toString() === key)
      if (known === undefined || (manifests.has(key) && manifests.get(key) === undefined)) throw new UnavailableError(`nobody has ${key}`)
      const manifest = { ...known.manifest, ...manifests.get(key) }
      return await Promise.resolve({ manifest, name: `${manifest.name}@${manifest.datasetVersion}`, close: async () => await Promise.resolve() } as unknown as DatasetBundle)
    }
  }
}

describe('findVersion', () => {
  it('takes a CID for what it is, and asks nobody', async () => {
    expect(await findVersion(knowing([]), `ipfs://${root('x').toString()}?provider=/ip4/1.2.3.4/tcp/1`, { ...options, providers: ['p'] }))
      .toEqual({ cid: root('x'), providers: ['p', '/ip4/1.2.3.4/tcp/1'] })
  })

  it('finds the newest version of a name, or the one that is meant', async () => {
    expect((await findVersion(knowing([first, second]), name, options)).cid).toEqual(second.cid)
    expect((await findVersion(knowing([first, second]), `${name}@1.0.0`, options)).cid).toEqual(first.cid)
  })

  it('believes no number that the manifest does not say, and goes on to the next version', async () => {
    const lying = new Map([[second.cid.toString(), { datasetVersion: '0.1.0' }]])
    expect((await findVersion(knowing([first, second], lying), name, options)).cid).toEqual(first.cid)
    await expect(findVersion(knowing([first, second], lying), `${name}@1.1.0`, options)).rejects.toThrow('is qa@0.1.0, and not version 1.1.0 of qa')
  })

  it('says why nobody has it', async () => {
    const refused = findVersion(knowing([second], new Map([[second.cid.toString(), undefined]])), name, options)
    await expect(refused).rejects.toMatchObject({ name: 'UnavailableError', details: { name, reasons: [`nobody has ${second.cid.toString()}`] } })
  })

  it('shows both statements where the publisher signed two', async () => {
    const rival = await knownVersion('rival', '1.1.0', first.cid)
    const { equivocation } = await findVersion(knowing([first, second, rival]), name, options)
    expect(equivocation?.details['equivocations']).toMatchObject([{ reason: 'same-version', version: '1.1.0' }])
    expect((await findVersion(knowing([first, second, rival]), `${name}@1.0.0`, options)).equivocation).toBeUndefined()
  })

  it('takes another dataset\'s statement for no equivocation', async () => {
    const rival = await knownVersion('rival', '1.1.0', first.cid)
    const lying = new Map([[rival.cid.toString(), { name: 'other' }]])
    expect((await findVersion(knowing([first, second, rival], lying), name, options)).equivocation).toBeUndefined()
  })
})

describe('knownCandidates', () => {
  it('gives those that exclude one another, once they are confirmed', async () => {
    const rival = await knownVersion('rival', '1.2.0', first.cid)
    const found = await knownCandidates(knowing([first, second, rival]), first.manifest, options)
    expect(found.map(({ version }) => version)).toEqual(['1.2.0', '1.1.0'])
    expect(await knownCandidates(knowing([first, second, rival], new Map([[rival.cid.toString(), { name: 'other' }]])), first.manifest, options))
      .toMatchObject([{ version: '1.1.0' }])
  })
})
