import { describe, expect, it } from 'vitest'
import { followVersions } from '../../src/dataset/versions.ts'
import { digestOf } from '../../src/format/digest.ts'
import { miner, root, statementOf } from '../audit/fixtures.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'
import type { Reference } from '../../src/interface/primitives.ts'

const versions = new Map([['1.1.0', '1.0.0'], ['1.0.0', undefined]])
let open = 0

async function openVersion (ref: Reference): Promise<DatasetBundle> {
  const found = [...versions].find(([version]) => root(version).toString() === String(ref))
  if (found === undefined) return await Promise.reject(new Error(`no ${String(ref)}`))
  const [datasetVersion, before] = found
  open++
  return {
    cid: root(datasetVersion),
    delegations: [],
    statements: [statementOf(miner(1), root(datasetVersion))].map(({ signer, statement }) => ({ signer, statement: { ...statement, kind: 'dataset' } })),
    manifest: { publisher: miner(1), name: 'qa', datasetVersion, ...(before === undefined ? {} : { previous: root(before).toString() }) },
    close: async () => { await Promise.resolve(open--) }
  } as unknown as DatasetBundle
}

describe('followVersions', () => {
  it('lists a version, then each predecessor, and leaves nothing open', async () => {
    const found = await Array.fromAsync(followVersions(root('1.1.0'), { open: openVersion }))
    expect(found).toMatchObject([
      { version: '1.1.0', cid: root('1.1.0').toString(), previous: root('1.0.0').toString() },
      { version: '1.0.0', cid: root('1.0.0').toString() }
    ])
    expect(open).toBe(0)
  })

  it.each([undefined, null, '', 'x', 'urn:blob:v2:s3:b/k'])('refuses %j as a version', async ref => {
    await expect(Array.fromAsync(followVersions(ref as Reference, { open: openVersion }))).rejects.toMatchObject({ code: expect.stringContaining('REFERENCE') as string })
  })

  it('throws what stands in the way of a predecessor', async () => {
    versions.set('1.0.0', '0.9.0')
    await expect(Array.fromAsync(followVersions(root('1.1.0'), { open: openVersion }))).rejects.toThrow('no bafy')
    versions.set('1.0.0', undefined)
  })

  it('gives the publisher\'s statement, and with it those that exclude it', async () => {
    const { statement } = statementOf(miner(1), root('other'))
    const rival = { cid: root('other'), version: '1.0.0', signed: { signer: miner(1), statement: { ...statement, answers: digestOf(root('unknown')) } } }
    const found = await Array.fromAsync(followVersions(root('1.1.0'), { open: openVersion, known: async () => await Promise.resolve([rival]) }))
    expect(found.map(({ conflicts }) => conflicts)).toEqual([undefined, [{
      reason: 'same-version', version: '1.0.0', cid: root('other').toString(), statement: rival.signed
    }]])
  })
})
