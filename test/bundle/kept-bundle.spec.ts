import { expect, test } from 'vitest'
import { keepStored } from '../../src/bundle/kept-bundle.ts'
import { NotStoredError } from '../../src/errors.ts'
import { noteInit, publishStored, testNode } from './fixtures.ts'

test('keeps a bundle that nobody holds until it is disposed of', async () => {
  const { store, ...node } = testNode(1)
  const stored = await publishStored({ store, ...node }, noteInit([{ name: 'a', text: '1' }]), { retentionMs: 0 })
  const kept = [keepStored(store, stored), keepStored(store, stored)]
  expect(kept[0]?.stored).toBe(stored)
  for (const one of kept) {
    expect(await store.collect()).toMatchObject({ bundles: 0 })
    one[Symbol.dispose]()
    one[Symbol.dispose]()
  }
  expect(await store.collect()).toMatchObject({ bundles: 1 })
})

test('keeps nothing that is not stored', async () => {
  const node = testNode(1)
  const stored = await publishStored(node, noteInit([{ name: 'a', text: '1' }]))
  node.store.bundles.clear()
  expect(() => keepStored(node.store, stored)).toThrow(NotStoredError)
})
