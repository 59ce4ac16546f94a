import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { delegate } from '../audit/delegated-evidence.ts'
import { FakeAnchor } from '../audit/fake-anchor.ts'
import { identityOf, loopback } from '../network/support.ts'
import { startWebServer } from '../transfer/http-support.ts'
import type { DataNode, DataNodeInit } from '../../src/interface/data-node.ts'

const [publisherKey, walletKey] = [601, 602]

describe('the name of a dataset stands for a version', () => {
  const nodes: DataNode[] = []
  const boot = async (init: Partial<DataNodeInit> = {}): Promise<DataNode> => {
    const node = await createDataNode({ home: ':memory:', privateKey: 'generate', listen: loopback, ...init })
    nodes.push(node)
    return node
  }
  afterEach(async () => { await Promise.all(nodes.splice(0).map(async node => { await node.stop() })) })

  const publish = async (node: DataNode, version: string, previous?: string, readers: 'anyone' | [] = 'anyone'): Promise<string> => {
    const files = Array.from({ length: Number(version.split('.')[1]) + 1 }, (_, i) => ({ name: `${i}`, text: `${i}` }))
    await using dataset = await node.datasets.publish({ name: 'qa', version, files, ...previous === undefined ? {} : { previous } }, { readers })
    return dataset.urn
  }

  it('by its publisher, whose log has it', async () => {
    const publisher = await boot()
    const urn = await publish(publisher, '1.1.0', await publish(publisher, '1.0.0'))
    const reader = await boot()
    const providers = [...publisher.multiaddrs]
    const resolved = await reader.datasets.resolve(`${publisher.address}/qa`, { providers })
    expect(resolved).toMatchObject({
      urn, name: `${publisher.address}/qa@1.1.0`, version: '1.1.0', providers: [publisher.peerId], statement: { signer: publisher.address },
      inclusion: { log: { address: publisher.address, index: 1, size: 2 } }, receipts: []
    })
    expect(await reader.datasets.resolve(`${publisher.address}/qa@1.0.0`, { providers })).toMatchObject({ version: '1.0.0', inclusion: { log: { index: 0 } } })
    expect(await reader.datasets.resolve(urn, { providers })).toMatchObject({ urn, inclusion: { log: { index: 1 } } })
    expect(await reader.audit.followed()).toEqual([])
  })

  it('by its publisher\'s trail, of whoever follows it, when the publisher is gone', async () => {
    const wallet = identityOf(walletKey).address
    const now = Math.floor(Date.now() / 1000)
    const delegation = await delegate(walletKey, publisherKey, { time: now - 10, until: now + 3600 })
    const publisher = await boot({ privateKey: publisherKey.toString(16).padStart(64, '0'), delegation })
    const home = await mkdtemp(join(tmpdir(), 'names-'))
    onTestFinished(async () => { await rm(home, { recursive: true }) })
    const kept = { home, privateKey: '33'.repeat(32) }
    const [before, unfollowed] = [await boot(kept), await boot()]
    const first = await publish(publisher, '1.0.0')
    const car = Buffer.concat(await Array.fromAsync(publisher.exportCar(first)))
    await publish(publisher, '1.1.0', first, [])
    await before.audit.follow(publisher.address, { providers: [...publisher.multiaddrs] })
    await Promise.all([publisher.stop(), before.stop()])
    // What was seen of the trail is on disk.
    const follower = await boot(kept)

    // The content is on a web server, which knows no names.
    const { url } = await startWebServer((_, response) => { response.end(car) })
    const [name, providers] = [`${wallet}/qa`, [`${url}/qa.car`]]
    await expect(unfollowed.datasets.open(name, { providers })).rejects.toMatchObject({ name: 'UnavailableError' })
    expect(await follower.datasets.resolve(name, { providers })).toMatchObject({
      urn: first, name: `${name}@1.0.0`, statement: { signer: publisher.address }, providers: [], inclusion: { log: { address: publisher.address, index: 0 } }
    })
    // Somebody who does not know of the trail asks the one who follows it.
    const stranger = await boot({ routers: [...follower.multiaddrs] })
    await stranger.ready()
    await using found = await stranger.datasets.open(name, { providers })
    expect(found).toMatchObject({ urn: first, name: `${name}@1.0.0` })
    await expect(stranger.datasets.open(`${name}@1.1.0`, { providers })).rejects.toMatchObject({ name: 'UnavailableError' })
  })

  it('by an anchor: the newest version that was there when the log was anchored', async () => {
    const anchor = new FakeAnchor()
    const publisher = await boot({ anchor, anchorIntervalMs: 86_400_000 })
    const first = await publish(publisher, '1.0.0')
    const { size } = await publisher.audit.anchor()
    const second = await publish(publisher, '1.1.0', first)
    const reader = await boot()
    const options = { providers: [...publisher.multiaddrs], anchors: [anchor] }
    const name = `${publisher.address}/qa`
    expect((await reader.datasets.resolve(name, { providers: options.providers })).urn).toBe(second)
    expect(await reader.datasets.resolve(name, options)).toMatchObject({
      urn: first, anchored: { size, receipt: anchor.blocks.at(-1) }, inclusion: { log: { size: 2 } }
    })
    const notYet = { name: 'UnavailableError', message: expect.stringContaining('is in no checkpoint that is anchored') as string }
    await expect(reader.datasets.resolve(`${name}@1.1.0`, options)).rejects.toMatchObject(notYet)
    await expect(reader.datasets.resolve(second, options)).rejects.toMatchObject(notYet)
    await publisher.audit.anchor()
    expect(await reader.datasets.resolve(name, options)).toMatchObject({ urn: second, receipts: [anchor.blocks.at(-1)] })
    await expect(reader.datasets.resolve(name, { ...options, anchors: [{}] as never })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })
})
