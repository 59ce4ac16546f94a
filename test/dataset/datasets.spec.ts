import { describe, expect, it } from 'vitest'
import { NodeDatasets } from '../../src/dataset/datasets.ts'
import { parseReference } from '../../src/format/reference.ts'
import { miner, root } from '../audit/fixtures.ts'
import { memoryFiles } from '../audit/memory-files.ts'
import { emptyStore } from './fixtures.ts'
import type { BundleInit } from '../../src/bundle/publish.ts'
import type { Bundle } from '../../src/interface/bundle.ts'
import type { Manifest } from '../../src/interface/manifest.ts'
import type { Reference } from '../../src/interface/primitives.ts'

const nobody = async (): Promise<never> => await Promise.reject(new Error('nobody'))

/** A node that keeps manifests, by the text of their CIDs, and knows nobody. */
class FakeNode {
  readonly manifests = new Map<string, Manifest>()
  readonly published: BundleInit[] = []
  open = 0

  readonly datasets = new NodeDatasets({
    publisher: miner(1),
    store: emptyStore,
    network: { find: () => undefined, routerPeers: () => [], connect: nobody, openStream: nobody },
    versions: { list: async () => await Promise.resolve([]) },
    delegationsOf: () => [],
    named: async () => await Promise.resolve([]),
    prove: async () => await Promise.resolve({ receipts: [] }),
    release: async () => await Promise.resolve(0),
    log: () => {},
    run: async (options, call) => await call({ ...options, signal: options.signal ?? new AbortController().signal }),
    files: memoryFiles(),
    publish: async init => {
      this.published.push(init)
      const cid = root(`published ${this.published.length}`)
      this.manifests.set(cid.toString(), init.manifest(root('content')))
      return await this.#handle(cid)
    },
    fetch: async ref => await this.#handle(ref),
    open: async ref => await this.#handle(ref)
  })

  async #handle (ref: Reference): Promise<Bundle> {
    this.open++
    const close = async (): Promise<void> => { await Promise.resolve(this.open--) }
    const [cid, urn, manifest] = [parseReference(ref).cid, String(ref), this.manifests.get(String(ref))]
    return await Promise.resolve({ cid, urn, statements: [], manifest, close } as unknown as Bundle)
  }
}

const files = [{ name: 'a.csv', text: 'a\n' }]

describe('NodeDatasets', () => {
  it('publishes for anyone unless it is said otherwise', async () => {
    const { datasets, published } = new FakeNode()
    await datasets.publish({ name: 'qa', version: '1.0.0', files })
    await datasets.publish({ name: 'qa', version: '1.0.0', files }, { readers: [miner(2)] })
    expect(published.map(({ readers }) => readers)).toEqual(['anyone', [miner(2)]])
  })

  it('refuses what is no function to rebuild by, and what are no anchors', async () => {
    const { datasets } = new FakeNode()
    await expect(datasets.reproduce(root('x'), { build: 5 as never })).rejects.toThrow('build must be a function')
    await expect(datasets.resolve(root('x'), { anchors: 5 as never })).rejects.toThrow('anchors must be an array of anchors')
  })

  it('links a version to the one before it, and leaves that closed', async () => {
    const node = new FakeNode()
    const first = await node.datasets.publish({ name: 'qa', version: '1.0.0', files })
    const second = await node.datasets.publish({ name: 'qa', version: '1.1.0', files, previous: first.cid })
    expect(second.manifest.previous).toBe(first.cid.toString())
    expect(node.open).toBe(2)
  })

  it('leaves the version before it closed when it is refused', async () => {
    const node = new FakeNode()
    const first = await node.datasets.publish({ name: 'qa', version: '1.0.0', files })
    await expect(node.datasets.publish({ name: 'qa', version: '0.9.0', files, previous: first.cid })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    expect(node.open).toBe(1)
  })

  it.each([
    ['a bundle of another kind', { format: 'cortensor-bundle', version: '1.0', kind: 'task' }],
    ['plain files', undefined]
  ])('refuses %s as a dataset', async (_, manifest) => {
    const node = new FakeNode()
    if (manifest !== undefined) node.manifests.set(root('x').toString(), manifest as Manifest)
    await expect(node.datasets.fetch(root('x'))).rejects.toMatchObject({ name: 'WrongKindError', details: { expected: 'dataset', actual: manifest?.kind } })
    await expect(node.datasets.open(root('x'))).rejects.toMatchObject({ name: 'WrongKindError' })
    await expect(Array.fromAsync(node.datasets.versions(root('x')))).rejects.toMatchObject({ name: 'WrongKindError' })
    await expect(node.datasets.publish({ name: 'qa', version: '1.0.0', files, previous: root('x') })).rejects.toMatchObject({ name: 'WrongKindError' })
    expect(node.open).toBe(0)
  })

  it('lists versions from the last to the first', async () => {
    const { datasets } = new FakeNode()
    const first = await datasets.publish({ name: 'qa', version: '1.0.0', files })
    const second = await datasets.publish({ name: 'qa', version: '1.1.0', files, previous: first.cid })
    expect((await Array.fromAsync(datasets.versions(second.cid))).map(({ version }) => version)).toEqual(['1.1.0', '1.0.0'])
  })

  it('says of a name that nobody knows how to find it', async () => {
    const { datasets } = new FakeNode()
    await expect(datasets.open(`${miner(1)}/qa@1.0.0`)).rejects.toThrow(
      `Nobody who was asked has ${miner(1)}/qa@1.0.0: connect to its publisher or a mirror, or name one as a provider`)
  })
})
