import { describe, expect, it } from 'vitest'
import { linkedResults } from '../../src/dataset/linked-results.ts'
import { root } from '../audit/fixtures.ts'
import type { Bundle } from '../../src/interface/bundle.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

const [one, two, task] = [root('one'), root('two'), root('task')]
const owners = new Map([['own', [one, task]], ['shared', [one, two]], ['asked', [task]]].map(([text, roots]) => [root(text as string).toString(), roots as typeof one[]]))
let opened = 0
const components = {
  store: {
    record: (cid: typeof one) => ({ kind: cid.equals(task) ? 'task' : [one, two].some(result => result.equals(cid)) ? 'result' : undefined }) as unknown as StoredBundle,
    owners: async (cid: typeof one) => await Promise.resolve(owners.get(cid.toString()) ?? [])
  },
  open: async () => {
    opened++
    const files = async function * () { yield await Promise.resolve({ path: 'outputs/own', cid: root('own') }) }
    return await Promise.resolve({ files, close: async () => await Promise.resolve() } as unknown as Bundle)
  }
}

describe('linkedResults', () => {
  it('finds the result that a file or folder is linked from, and where it stands there', async () => {
    const found = await linkedResults(components, [
      { name: 'a', cid: root('own') }, { name: 'b', cid: one.toString() }, { name: 'c', cid: `urn:blob:v2:ipfs:${two.toString()}` }, { name: 'd', cid: root('own').toString() }
    ], {})
    expect(found).toEqual([
      { name: 'a', root: one, path: 'outputs/own' }, { name: 'b', root: one, path: '' }, { name: 'c', root: two, path: '' }, { name: 'd', root: one, path: 'outputs/own' }
    ])
    expect(opened).toBe(2)
  })

  it('says nothing of what stands in several results, in none, or is no link', async () => {
    expect(await linkedResults(components, [
      { name: 'a', cid: root('shared') }, { name: 'b', cid: root('asked') }, { name: 'c', text: 'c' }, { name: 'd', cid: 'no cid' }, { name: 'e', cid: root('unknown') }
    ], {})).toEqual([])
  })
})
