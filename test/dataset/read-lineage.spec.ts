import { describe, expect, it } from 'vitest'
import { describeResult, readLineage } from '../../src/dataset/read-lineage.ts'
import { miner, root, statementOf } from '../audit/fixtures.ts'
import { resultOf } from './fixtures.ts'
import type { DatasetInit } from '../../src/interface/dataset.ts'
import type { Bundle, ResultBundle } from '../../src/interface/bundle.ts'
import type { LineageComponents } from '../../src/dataset/read-lineage.ts'

const results = new Map([1, 2].map(n => [root(`result ${n}`).toString(), n]))
let open = 0
const components: LineageComponents = {
  store: { record: () => undefined, owners: async () => await Promise.resolve([]) },
  open: async ref => {
    open++
    const n = results.get(String(ref))
    const { answers, task, miner, model } = resultOf(n ?? 1)
    const manifest = { kind: n === undefined ? 'task' : 'result', answers, task, miner, model }
    return await Promise.resolve({ cid: root(`result ${n}`), urn: String(ref), statements: [], manifest, close: async () => { await Promise.resolve(open--) } } as unknown as Bundle)
  }
}
const init = (generatedBy: unknown): DatasetInit => ({ name: 'qa', version: '1.0.0', files: [{ name: 'a', text: 'a' }], generatedBy: generatedBy as never })
const ref = (n: number) => root(`result ${n}`)

describe('readLineage', () => {
  it('reads who made what is named, each result once, and leaves nothing open', async () => {
    const lineage = await readLineage(components, init([{ path: 'a', results: [ref(1)], rowGroups: [{ results: [ref(2)] }, { results: [ref(1)] }] }]))
    expect(lineage.of(['data/a'])).toEqual({ results: [resultOf(1), resultOf(2)], files: [{ path: 'data/a', results: [0, 1], rowGroups: [[1], [0]] }] })
    expect(open).toBe(0)
  })

  it.each([
    ['generatedBy', 5], ['generatedBy[0]', [5]], ['path', [{}]], ['generatedBy[0].results', [{ path: 'a', results: [] }]],
    ['generatedBy[0].rowGroups', [{ path: 'a', results: [ref(1)], rowGroups: 5 }]],
    ['generatedBy[0].rowGroups[0].results', [{ path: 'a', results: [ref(1)], rowGroups: [{ results: 5 }] }]],
    ['generatedBy[1].path', [{ path: 'a', results: [ref(1)] }, { path: 'a', results: [ref(1)] }]]
  ])('names %s when it is not of its form', async (field, given) => {
    await expect(readLineage(components, init(given))).rejects.toMatchObject({ name: 'InvalidArgumentError', message: expect.stringContaining(field) as string })
  })

  it('takes what the version before hands on, without asking for its results, unless the host names others', async () => {
    const handedOn = [{ path: 'data/a', makers: [{ result: resultOf(3) }] }, { path: 'data/b', makers: [{ result: resultOf(4), linked: 'outputs/b' }] }]
    const files = [{ name: 'a', text: 'a' }, { name: 'b', cid: root('b') }]
    const lineage = await readLineage(components, { files, generatedBy: [{ path: 'a', results: [ref(1)] }], handedOn })
    expect(lineage.of(['data/a', 'data/b'])).toEqual({
      results: [resultOf(1), resultOf(4)],
      files: [{ path: 'data/a', results: [0] }, { path: 'data/b', results: [1], linked: { result: 1, path: 'outputs/b' } }]
    })
  })

  it('refuses what is no result', async () => {
    await expect(readLineage(components, init([{ path: 'a', results: [root('task')] }]))).rejects.toMatchObject({ name: 'WrongKindError' })
    expect(open).toBe(0)
  })
})

describe('describeResult', () => {
  it('takes the miner\'s own statement, and no other', () => {
    const { answers, task, miner: own } = resultOf(1)
    const manifest = { answers, task, miner: own }
    const bundle = (signer: number) =>
      ({ cid: ref(1), manifest, delegations: [], statements: [statementOf(miner(signer), ref(1))] }) as unknown as ResultBundle
    expect(describeResult(bundle(1)).statement).toBeDefined()
    expect(describeResult(bundle(2)).statement).toBeUndefined()
    const delegation = { node: miner(2), until: '9', time: '0', signature: '0x' as const }
    const wallet = manifest.miner
    expect(describeResult({ ...bundle(2), delegations: [{ wallet, delegation }] }).statement).toBeDefined()
  })
})
