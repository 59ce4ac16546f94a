import { describe, expect, it } from 'vitest'
import { resolveVersion } from '../../src/dataset/resolve.ts'
import { UnavailableError } from '../../src/errors.ts'
import { formatUrn } from '../../src/format/reference.ts'
import { anchorOf } from '../audit/anchors.ts'
import { root } from '../audit/fixtures.ts'
import { knownVersion } from './fixtures.ts'
import type { KnownVersion } from '../../src/dataset/known-versions.ts'
import type { ResolveComponents } from '../../src/dataset/resolve.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'
import type { StatementProof } from '../../src/interface/dataset-trail.ts'

const { signal } = new AbortController()
const first = await knownVersion('one', '1.0.0')
const second = await knownVersion('two', '1.1.0', first.cid)
const name = `${first.manifest.publisher}/qa`
const anchors = [anchorOf('a', {})]
const anchored = { size: 1, root: new Uint8Array(32), receipt: { digest: `0x${'11'.repeat(32)}`, anchor: 'a', blockNumber: '1', blockHash: '0x1', time: '1' } } as const

/** A node that has these versions, and these proofs of them. */
function knowing (versions: KnownVersion[], proofs = new Map<KnownVersion, StatementProof>()): ResolveComponents {
  const nobody = async (): Promise<never> => await Promise.reject(new Error('nobody'))
  return {
    network: { find: () => undefined, connect: nobody, openStream: nobody, routerPeers: () => [] },
    versions: { list: async () => await Promise.resolve(versions) },
    delegationsOf: () => [],
    prove: async signed => await Promise.resolve([...proofs].find(([version]) => version.signed === signed)?.[1] ?? { receipts: [] }),
    openVersion: async ref => {
      const known = versions.find(({ cid }) => cid.toString() === String(ref))
      if (known === undefined) throw new UnavailableError(`nobody has ${String(ref)}`)
      const { cid, manifest, signed } = known
      const statements = signed === undefined ? [] : [signed]
      const bundle = { cid, manifest, statements, delegations: [], urn: formatUrn(cid), name: `${name}@${manifest.datasetVersion}`, close: async () => await Promise.resolve() }
      return await Promise.resolve(bundle as unknown as DatasetBundle)
    }
  }
}

describe('resolveVersion', () => {
  it('gives the newest version with what proves it', async () => {
    const resolved = await resolveVersion(knowing([first, second], new Map([[second, { receipts: [anchored.receipt] }]])), name, [], { signal, providers: ['https://p'] })
    expect(resolved).toEqual({
      version: '1.1.0', cid: second.cid.toString(), urn: formatUrn(second.cid), previous: first.cid.toString(), statement: second.signed,
      name: `${name}@1.1.0`, providers: [], receipts: [anchored.receipt]
    })
  })

  it('passes over versions that no anchor commits to', async () => {
    const components = knowing([first, second], new Map([[first, { receipts: [], anchored }]]))
    expect(await resolveVersion(components, name, anchors, { signal })).toMatchObject({ version: '1.0.0', anchored })
    await expect(resolveVersion(components, `${name}@1.1.0`, anchors, { signal })).rejects.toThrow('is not shown to be in the log of its publisher')
  })

  it('asks the same of a version that is named by its root', async () => {
    const components = knowing([first, { ...second, signed: undefined }], new Map([[first, { receipts: [], anchored }]]))
    expect(await resolveVersion(components, first.cid, anchors, { signal })).toMatchObject({ version: '1.0.0', anchored })
    await expect(resolveVersion(components, second.cid, anchors, { signal })).rejects.toThrow('nobody is known to have signed')
    expect(await resolveVersion(components, second.cid, [], { signal })).toMatchObject({ version: '1.1.0', receipts: [] })
  })

  it('shows both statements where the publisher signed two', async () => {
    const rival = await knownVersion('rival', '1.1.0', first.cid)
    await expect(resolveVersion(knowing([first, second, rival]), name, [], { signal })).rejects.toMatchObject({ name: 'EquivocationError' })
  })

  it('says of what looks like a name how one is written', async () => {
    await expect(resolveVersion(knowing([]), `${name}@1.0`, [], { signal })).rejects.toMatchObject({
      name: 'InvalidReferenceError', message: expect.stringContaining('<address>/<name>@MAJOR.MINOR.PATCH') as string
    })
    await expect(resolveVersion(knowing([]), root('x'), [], { signal })).rejects.toThrow('nobody has')
  })
})
