import { describe, expect, it } from 'vitest'
import { diffVersions, sortChanges } from '../../src/dataset/diff.ts'
import { root } from '../audit/fixtures.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'

const file = (path: string, text = path) => ({ type: 'file', path, cid: root(text), position: [], size: 1 }) as const

describe('sortChanges', () => {
  it('tells added, removed and changed files apart, and renamed ones by their content', () => {
    const { added, removed, renamed, changed } = sortChanges([
      { path: 'a', before: file('a'), after: file('a', 'x') }, { path: 'b', before: file('b') }, { path: 'c', after: file('c') },
      { path: 'd', before: file('d', 'same') }, { path: 'e', after: file('e', 'same') }, { path: 'f', after: file('f', 'same') }
    ])
    expect([added, removed, changed].map(files => files.map(({ path }) => path))).toEqual([['c', 'f'], ['b'], ['a']])
    expect(renamed).toEqual([{ from: 'd', to: 'e', cid: root('same').toString(), bytes: 1n }])
  })
})

describe('diffVersions', () => {
  it('takes handles of this library only', async () => {
    await expect(diffVersions({} as DatasetBundle, {} as DatasetBundle)).rejects.toThrow(TypeError)
  })
})
