import { expect, test } from 'vitest'
import { openHandle } from '../../src/bundle/handle.ts'
import { noteInit, publishStored, testNode } from './fixtures.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'

test('is named by publisher, name and version', async () => {
  const node = testNode(1)
  const publisher = node.identity.address
  const manifest = (): never => ({ format: 'cortensor-bundle', version: '1.0', kind: 'dataset', publisher, name: 'answers', datasetVersion: '1.2.3' }) as never
  const bundle = await openHandle(node, await publishStored(node, noteInit([{ name: 'data/x', text: '1' }], { manifest }))) as DatasetBundle
  expect(bundle.name).toBe(`${publisher}/answers@1.2.3`)
})
