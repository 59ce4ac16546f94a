import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestNetwork } from '../../src/testing/index.ts'
import { generateBytes } from '../bundle/unixfs-cases.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { TestNetwork } from '../../src/testing/index.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe('a dataset from its publisher to those who read it', () => {
  let network: TestNetwork
  let directory: string
  const nodes = (): { publisher: DataNode, reader: DataNode, stranger: DataNode } => {
    const [publisher, reader, stranger] = network.nodes as [DataNode, DataNode, DataNode]
    return { publisher, reader, stranger }
  }

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'datasets-'))
    network = await createTestNetwork({ nodes: 3 })
  }, 60_000)

  afterAll(async () => {
    await network.stop()
    await rm(directory, { recursive: true })
  })

  it('publishes a directory beside files, with a description that names columns', async () => {
    const { publisher } = nodes()
    await mkdir(join(directory, 'in/train'), { recursive: true })
    await writeFile(join(directory, 'in/train/a.jsonl'), '{"q":"1+1","a":2}\n{"q":"2+2","a":4}\n')
    await writeFile(join(directory, 'in/labels.csv'), 'id,label\n1,yes\n2,no\n')
    await using first = await publisher.datasets.publish({
      name: 'qa', version: '1.0.0', directory: join(directory, 'in'), files: [{ name: 'extra.txt', text: 'x' }], license: 'CC0-1.0'
    })
    const paths = await Array.fromAsync(first.files(), ({ path }) => path)
    expect(paths).toEqual(['README.md', 'croissant.json', 'data', 'data/extra.txt', 'data/labels.csv', 'data/train', 'data/train/a.jsonl', 'manifest.json'])
    const { recordSet } = JSON.parse(text(await first.bytes('croissant.json'))) as { recordSet: { field: { name: string, dataType: string }[] }[] }
    expect(recordSet.map(({ field }) => field.map(({ name, dataType }) => [name, dataType]))).toEqual([
      [['id', 'sc:Integer'], ['label', 'sc:Text']], [['q', 'sc:Text'], ['a', 'sc:Integer']]
    ])
  })

  it('finds a version by the name of its publisher, over the network', async () => {
    const { publisher, reader } = nodes()
    await using found = await reader.datasets.open(`${publisher.address}/qa`)
    expect(found.name).toBe(`${publisher.address}/qa@1.0.0`)
    const latest = await reader.datasets.latest(found.cid)
    expect(latest).toMatchObject({ version: '1.0.0', statement: { signer: publisher.address } })
  })

  it('refuses a version whose number says less than what changed, and publishes nothing of it', async () => {
    const { publisher } = nodes()
    const { cid } = await publisher.datasets.latest(`${publisher.address}/qa`)
    const changed = { name: 'qa', previous: cid, files: [{ name: 'extra.txt', text: 'y' }] }
    await expect(publisher.datasets.publish({ ...changed, version: '1.0.1' })).rejects.toMatchObject({ name: 'VersionRuleError', details: { required: 'major' } })
    await expect(publisher.datasets.publish({ ...changed, version: '1.1.0' })).rejects.toMatchObject({ name: 'VersionRuleError' })
    expect(await Array.fromAsync(publisher.list({ kind: 'dataset' }))).toHaveLength(1)
  })

  it('publishes a successor, and no second one', async () => {
    const { publisher, reader } = nodes()
    const { cid } = await publisher.datasets.latest(`${publisher.address}/qa`)
    const same = [{ name: 'labels.csv', text: 'id,label\n1,yes\n2,no\n' }, { name: 'train/a.jsonl', text: '{"q":"1+1","a":2}\n{"q":"2+2","a":4}\n' }, { name: 'extra.txt', text: 'x' }]
    await using second = await publisher.datasets.publish({ name: 'qa', version: '1.1.0', previous: cid, files: [...same, { name: 'b.txt', text: 'b' }] })
    await expect(publisher.datasets.publish({ name: 'qa', version: '1.1.0', previous: cid, files: [...same, { name: 'c.txt', text: 'c' }] }))
      .rejects.toMatchObject({ name: 'VersionTakenError' })
    await expect(publisher.datasets.publish({ name: 'qa', version: '1.2.0', previous: cid, files: [...same, { name: 'c.txt', text: 'c' }] }))
      .rejects.toMatchObject({ name: 'VersionTakenError', message: expect.stringContaining(second.urn) as string })
    await expect(publisher.datasets.publish({ name: 'qa', version: '3.0.0', files: same })).rejects.toMatchObject({ name: 'VersionTakenError' })
    const versions = await Array.fromAsync(reader.datasets.versions(`${publisher.address}/qa`))
    expect(versions.map(({ version, conflicts, statement }) => [version, conflicts, statement?.signer]))
      .toEqual([['1.1.0', undefined, publisher.address], ['1.0.0', undefined, publisher.address]])
  })

  it('takes the version before by its name, and rows that were added at the end of a table for more of the same', async () => {
    const { publisher } = nodes()
    const [name, rows] = [`${publisher.address}/grown`, 'id,label\n1,yes\n']
    await using first = await publisher.datasets.publish({ name: 'grown', version: '1.0.0', files: [{ name: 'a.csv', text: rows }] })
    const next = { name: 'grown', previous: name, files: [{ name: 'a.csv', text: `${rows}2,no\n` }] }
    await expect(publisher.datasets.publish({ ...next, version: '1.0.1' })).rejects.toMatchObject({ name: 'VersionRuleError', details: { required: 'minor' } })
    await using second = await publisher.datasets.publish({ ...next, version: '1.1.0' })
    expect(second.manifest.previous).toBe(first.cid.toString())
    await expect(publisher.datasets.publish({ ...next, version: '1.2.0', previous: `${name}@9.0.0` })).rejects.toMatchObject({ name: 'UnavailableError' })
  })

  it('says what differs between two versions, and fetches no more', async () => {
    const { publisher, stranger } = nodes()
    const { files, before, after } = await stranger.datasets.diff(`${publisher.address}/qa@1.0.0`, `${publisher.address}/qa`)
    expect([before.version, after.version]).toEqual(['1.0.0', '1.1.0'])
    expect(files).toMatchObject({ added: [{ path: 'data/b.txt', bytes: 1n }], removed: [], renamed: [], changed: [] })
    expect(await Array.fromAsync(stranger.list())).toEqual([])
  })

  it('says what differs in a table, when it is asked for rows', async () => {
    const { publisher, stranger } = nodes()
    const version = { name: 'answers', files: [{ name: 'a.csv', text: 'id,label\n1,yes\n2,no\n' }, { name: 'b.txt', text: 'b' }] }
    await using first = await publisher.datasets.publish({ ...version, version: '1.0.0' })
    await using second = await publisher.datasets.publish({
      ...version, version: '2.0.0', previous: first.cid, files: [{ name: 'a.csv', text: 'id,label\n1,no\n3,no\n' }, { name: 'b.txt', text: 'c' }]
    })
    const { files, tables } = await stranger.datasets.diff(first.cid, second.cid, { key: ['id'] })
    expect(files.changed.map(({ path }) => path)).toEqual(['data/a.csv', 'data/b.txt'])
    expect(tables).toEqual([{ path: 'data/a.csv', fields: [], rowChanges: { added: 1, removed: 1, changed: 1 } }])
    expect((await stranger.datasets.diff(first.cid, second.cid)).tables).toEqual([])
  })

  it('writes one version to a directory', async () => {
    const { publisher, reader } = nodes()
    const target = join(directory, 'out')
    expect(await reader.datasets.checkout(`${publisher.address}/qa@1.0.0`, target)).toMatchObject({ version: '1.0.0' })
    expect(await readFile(join(target, 'data/train/a.jsonl'), 'utf8')).toContain('1+1')
  })

  it('shares blocks with a version that changed in the middle of a file, when files are cut by their content', async () => {
    const { publisher, reader } = nodes()
    const bytes = generateBytes(7, 4_000_000)
    const [begin, end] = [bytes.subarray(0, 2_000_000), bytes.subarray(2_000_000)]
    const sizes: number[] = []
    for (const chunking of ['fixed', 'content-defined'] as const) {
      const version = { name: chunking, chunking, files: [{ name: 'x.bin', bytes }] }
      await using first = await publisher.datasets.publish({ ...version, version: '1.0.0' })
      await using second = await publisher.datasets.publish({
        ...version, version: '2.0.0', previous: first.cid, files: [{ name: 'x.bin', bytes: Buffer.concat([begin, Buffer.from('put in'), end]) }]
      })
      const car = await Array.fromAsync(publisher.datasets.exportCar(second.cid, { since: first.cid }), piece => piece.length)
      sizes.push(car.reduce((sum, length) => sum + length, 0))
      await using found = await reader.datasets.fetch(second.cid)
      expect((await found.bytes('data/x.bin')).length).toBe(4_000_006)
    }
    const [fixed = 0, contentDefined = Infinity] = sizes
    expect([fixed > 2_000_000, contentDefined < 2_000_000]).toEqual([true, true])
  })

  it('tells a stranger nothing of a version that it may not read', async () => {
    const { publisher, reader, stranger } = nodes()
    await using guarded = await publisher.datasets.publish({ name: 'guarded', version: '1.0.0', files: [{ name: 'a', text: 'a' }] }, { readers: [reader.address] })
    await using found = await reader.datasets.open(`${publisher.address}/guarded`)
    expect(found.urn).toBe(guarded.urn)
    await expect(stranger.datasets.open(`${publisher.address}/guarded`)).rejects.toMatchObject({ name: 'UnavailableError' })
    await expect(stranger.datasets.open(`${publisher.address}/nothing`)).rejects.toMatchObject({ name: 'UnavailableError' })
  })
})
