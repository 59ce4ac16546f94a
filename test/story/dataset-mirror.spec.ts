import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestNetwork } from '../../src/testing/index.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { DatasetVersion } from '../../src/interface/dataset-version.ts'
import type { DataNodeProgress } from '../../src/interface/progress.ts'
import type { FileSource } from '../../src/interface/source.ts'
import type { TestNetwork } from '../../src/testing/index.ts'

const large = new Uint8Array(3_000_000).map((_, i) => (i * 31) % 251)
const files = (...names: string[]): FileSource[] => [{ name: 'large.bin', bytes: large }, ...names.map(name => ({ name, text: name }))]

describe('a mirrored dataset', () => {
  let network: TestNetwork
  let name: string
  const nodes = (): { publisher: DataNode, mirror: DataNode, reader: DataNode } => {
    const [publisher, mirror, reader] = network.nodes as [DataNode, DataNode, DataNode]
    return { publisher, mirror, reader }
  }
  const publish = async (version: string, previous: string | undefined, ...names: string[]): Promise<string> => {
    await using dataset = await nodes().publisher.datasets.publish({
      name: 'kept', version, files: files(...names), ...(previous === undefined ? {} : { previous })
    })
    return dataset.urn
  }
  const held = async (node: DataNode): Promise<number> =>
    (await Array.fromAsync(node.list({ kind: 'dataset' }))).filter(({ holds }) => holds.some(({ owner }) => owner === 'mirror')).length

  beforeAll(async () => {
    network = await createTestNetwork({ nodes: 3 })
    name = `${nodes().publisher.address}/kept`
  }, 60_000)

  afterAll(async () => { await network.stop() })

  it('holds every version, follows new ones, and fetches of them what is new', async () => {
    const { mirror } = nodes()
    const first = await publish('1.0.0', undefined, 'a')
    const second = await publish('1.1.0', first, 'a', 'b')
    const progress: DataNodeProgress[] = []
    const { promise: came, resolve } = Promise.withResolvers<DatasetVersion>()
    const kept = await mirror.datasets.mirror(name, {
      intervalMs: 20, onProgress: event => progress.push(event), onVersion: version => { if (version.version === '1.2.0') resolve(version) }
    })
    expect(kept.versions.map(({ version }) => version)).toEqual(['1.1.0', '1.0.0'])
    expect(await held(mirror)).toBe(2)
    progress.length = 0
    await publish('1.2.0', second, 'a', 'b', 'c')
    expect((await came).version).toBe('1.2.0')
    const bytes = progress.flatMap(({ type, detail }) => type === 'datanode:fetch:progress' ? [detail.bytesDone - detail.bytesThere] : [])
    expect(Math.max(...bytes)).toBeLessThan(20_000)
    await kept.stop()
    expect(await held(mirror)).toBe(3)
    await expect(kept.update()).rejects.toMatchObject({ name: 'StoppedError' })
  })

  it('holds as many as it was told, and lets go of the rest', async () => {
    const { mirror } = nodes()
    await using kept = await mirror.datasets.mirror(`${name}@1.1.0`, { versions: 'latest' })
    expect(kept.versions.map(({ version }) => version)).toEqual(['1.2.0'])
    expect(await held(mirror)).toBe(1)
    await using all = await mirror.datasets.mirror(name, { versions: 2 })
    expect(all.name).toBe(name)
    expect(await held(mirror)).toBe(2)
  })

  it('takes the difference to a version that it has from a CAR, and nobody else does', async () => {
    const { publisher, mirror, reader } = nodes()
    const car = async (since?: string): Promise<Uint8Array> =>
      Buffer.concat(await Array.fromAsync(publisher.datasets.exportCar(`${name}@1.2.0`, since === undefined ? {} : { since })))
    const [whole, difference] = [await car(), await car(`${name}@1.1.0`)]
    expect([whole.length > 3_000_000, difference.length < 20_000]).toEqual([true, true])
    await mirror.release((await publisher.datasets.latest(name)).cid, { owner: 'mirror' })
    await mirror.collect()
    await expect(reader.importCar([difference])).rejects.toMatchObject({ name: 'NotStoredError' })
    await using imported = await mirror.importCar([difference], { readers: 'anyone' })
    expect(imported.manifest).toMatchObject({ datasetVersion: '1.2.0' })
  })

  it('writes a CAR of a version that it has not, and stores nothing of it', async () => {
    const { publisher, reader } = nodes()
    const [own, foreign] = await Promise.all([publisher, reader].map(async node =>
      Buffer.concat(await Array.fromAsync(node.datasets.exportCar(`${name}@1.2.0`)))))
    expect(foreign?.equals(own ?? new Uint8Array())).toBe(true)
    expect(await Array.fromAsync(reader.list())).toEqual([])
  })

  it('survives its publisher', async () => {
    const { publisher, mirror, reader } = nodes()
    await publisher.stop()
    await using found = await reader.datasets.fetch(name)
    expect([found.name, new TextDecoder().decode(await found.bytes('data/c'))]).toEqual([`${name}@1.2.0`, 'c'])
    expect(found.statements.map(({ signer }) => signer)).toEqual([publisher.address])
    await using kept = await mirror.datasets.mirror(name, { versions: 2 })
    expect(kept.versions).toHaveLength(2)
  })

  it('says what stands in the way, and goes on with what it has', async () => {
    const { reader } = nodes()
    await expect(reader.datasets.mirror(`${name}-unknown`)).rejects.toMatchObject({ name: 'UnavailableError' })
    await expect(reader.datasets.mirror(name, { versions: 0 })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })
})
