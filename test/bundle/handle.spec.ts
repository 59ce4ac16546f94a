import { expect, test } from 'vitest'
import { BundleHandle } from '../../src/bundle/bundle-handle.ts'
import { DatasetHandle } from '../../src/bundle/dataset-handle.ts'
import { openHandle } from '../../src/bundle/handle.ts'
import { ResultHandle } from '../../src/bundle/result.ts'
import { TaskHandle } from '../../src/bundle/task.ts'
import { noteInit, publishStored, testNode } from './fixtures.ts'
import type { FileSource } from '../../src/interface/source.ts'

const session = { chainId: '1', queue: `0x${'cc'.repeat(20)}`, sessionId: '7' }
const root = 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354'
const json = (...names: string[]): FileSource[] => names.map(name => ({ name, text: '{}' }))

test.for([
  ['a task', { kind: 'task', session }, json('prompt.json', 'config.json', 'session.json'), TaskHandle],
  ['a result', { kind: 'result', answers: root, task: { ...session, taskId: '0' }, miner: session.queue, nonce: `0x${'1'.repeat(64)}` }, json('output.json'), ResultHandle],
  ['a dataset', { kind: 'dataset', publisher: session.queue, name: 'n', datasetVersion: '1.0.0' }, json('data/x'), DatasetHandle],
  ['evidence', { kind: 'evidence', answers: root, task: { ...session, taskId: '0' } }, json('verdicts.json'), BundleHandle],
  ['what is not known', { kind: 'note' }, json('x'), BundleHandle]
] as const)('gives the handle of its kind to %s', async ([, manifest, files, handle]) => {
  const node = testNode(1)
  const stored = await publishStored(node, noteInit(files, { manifest: () => ({ format: 'cortensor-bundle', version: '1.0', ...manifest }) as never }))
  const bundle = await openHandle(node, stored)
  expect(bundle.constructor).toBe(handle)
  expect(bundle.manifest).toMatchObject(manifest)
})
