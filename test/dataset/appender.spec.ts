import { describe, expect, it } from 'vitest'
import { openAppender } from '../../src/dataset/appender.ts'
import { memoryFiles } from '../audit/memory-files.ts'
import { testIdentity } from '../bundle/fixtures.ts'
import { miner, root } from '../audit/fixtures.ts'
import { FileNotFoundError } from '../../src/errors.ts'
import { knownVersion } from './fixtures.ts'
import type { KnownVersion } from '../../src/dataset/known-versions.ts'
import type { AppenderComponents } from '../../src/dataset/appender.ts'
import type { AppendInit, RowOrigin } from '../../src/interface/append.ts'
import type { Bundle, DatasetBundle } from '../../src/interface/bundle.ts'
import type { DatasetAppender, DatasetInit } from '../../src/interface/dataset.ts'

const init: AppendInit = { name: 'qa', columns: [{ name: 'q', type: 'sc:Text' }, { name: 'n', type: 'sc:Integer', nullable: true }] }
const origin = (n: number): RowOrigin => ({ result: root(`result ${n}`), miner: miner(n), model: 'm' })

class Node implements AppenderComponents {
  readonly files = memoryFiles()
  readonly published: DatasetInit[] = []
  refusal: Error | undefined
  parts: number[] = []
  isOpen = new Set<string>()

  publisher = testIdentity(1).address
  known: KnownVersion[] = []
  versions = { list: async () => await Promise.resolve(this.known) }
  store = { record: () => undefined }
  open = async (): Promise<Bundle> => await Promise.reject(new Error('not stored'))

  publishAfter = async (init: DatasetInit): Promise<DatasetBundle> => {
    if (this.refusal !== undefined) throw this.refusal
    this.published.push(init)
    return await Promise.resolve({ cid: root(init.version) } as unknown as DatasetBundle)
  }

  openVersion = async (): Promise<DatasetBundle> => {
    const { parts } = this
    const files = async function * (): AsyncGenerator {
      yield { type: 'directory', path: 'data/old', cid: root('d') }
      yield { type: 'file', path: 'data/old/a.csv', cid: root('a') }
      for (const n of parts) yield { type: 'file', path: `data/part-0000${n}.parquet`, cid: root(String(n)) }
    }
    const bytes = async (): Promise<Uint8Array> => await Promise.reject(new FileNotFoundError('no'))
    return await Promise.resolve({ files, bytes, close: async () => {} } as unknown as DatasetBundle)
  }

  append = async (change: Partial<AppendInit> = {}): Promise<DatasetAppender> => await openAppender(this, this.isOpen, { ...init, ...change })

  /** As after the end of the process. */
  restart (): void { this.isOpen = new Set() }
}

describe('openAppender', () => {
  it('commits what was appended as a table, with which rows came from which result', async () => {
    const node = new Node()
    const appender = await node.append()
    expect(await appender.append([{ q: 'a', n: 1 }, { q: 'b' }], origin(1))).toBe(true)
    expect(await appender.append([{ q: 'c', n: 2n }], origin(2))).toBe(true)
    expect(appender.rows).toBe(3)
    await appender.commit({ version: '1.0.0', license: 'MIT' })
    const [published] = node.published
    expect(published).toMatchObject({ name: 'qa', version: '1.0.0', license: 'MIT', chunking: 'content-defined' })
    expect(published?.files?.map(({ name }) => name)).toEqual(['part-00001.parquet', 'part-00001.lineage.jsonl'])
    const lineage = published?.files?.[1] as { stream: AsyncIterable<Uint8Array> }
    expect(Buffer.concat(await Array.fromAsync(lineage.stream)).toString().trimEnd().split('\n').map(line => JSON.parse(line) as unknown)).toEqual([
      { path: 'data/part-00001.parquet', rowGroup: 0, from: 0, to: 2, result: root('result 1').toString(), miner: miner(1), model: 'm' },
      { path: 'data/part-00001.parquet', rowGroup: 0, from: 2, to: 3, result: root('result 2').toString(), miner: miner(2), model: 'm' }
    ])
    expect([appender.rows, appender.unfinished]).toEqual([0, undefined])
  })

  it('links what the version before has, and writes the next part', async () => {
    const node = new Node()
    const appender = await node.append()
    await appender.append([{ q: 'a' }], origin(1))
    await appender.commit({ version: '1.0.0' })
    await appender.append([{ q: 'b' }], origin(1))
    await appender.commit({ version: '1.1.0', previous: root('1.0.0'), chunking: 'fixed' })
    expect(node.published[1]?.files?.map(({ name }) => name)).toEqual(['old/a.csv', 'part-00002.parquet', 'part-00002.lineage.jsonl'])
    expect(node.published[1]?.files?.[0]).toMatchObject({ cid: root('a') })
  })

  it('follows the last version before it that the node has, where none is named', async () => {
    const node = new Node()
    const first = await knownVersion('one', '1.0.0')
    node.known = [first, await knownVersion('two', '1.1.0', first.cid), { ...await knownVersion('foreign', '1.2.0'), signed: undefined }, await knownVersion('four', '2.0.0')]
    const appender = await node.append()
    const previousOf = async (version: string, named?: string): Promise<unknown> => {
      await appender.append([{ q: 'a' }], origin(1))
      await appender.commit({ version, ...(named === undefined ? {} : { previous: root(named) }) })
      return node.published.at(-1)?.previous
    }
    expect(await previousOf('0.9.0')).toBeUndefined()
    expect(await previousOf('1.3.0')).toBe(root('two').toString())
    expect(await previousOf('3.0.0')).toBe(root('four').toString())
    expect(await previousOf('3.1.0', 'named')).toEqual(root('named'))
  })

  it('goes on with the version that a commit followed when it was cut off', async () => {
    const node = new Node()
    node.known = [await knownVersion('one', '1.0.0')]
    await (await node.append()).append([{ q: 'a' }], origin(1))
    const ending = Object.assign(new Node(), node, { publishAfter: async () => await new Promise<DatasetBundle>(() => {}) })
    void openAppender(ending, new Set(), init).then(async first => await first.commit({ version: '1.2.0' }))
    await expect.poll(async () => new TextDecoder().decode(await node.files.read('qa/state.json', 1_000))).toContain('committing')
    node.restart()
    node.known.push(await knownVersion('between', '1.1.0'))
    await (await node.append()).commit({ version: '1.2.0' })
    expect(node.published[0]?.previous).toBe(root('one').toString())
  })

  it('takes no number of a part that the version before has', async () => {
    const node = new Node()
    node.known = [await knownVersion('one', '1.0.0')]
    node.parts = [1, 4]
    const appender = await node.append()
    await appender.append([{ q: 'a' }], origin(1))
    await appender.commit({ version: '1.1.0' })
    expect(node.published[0]?.files?.map(({ name }) => name).slice(-2)).toEqual(['part-00005.parquet', 'part-00005.lineage.jsonl'])
  })

  it('keeps rows of one result once', async () => {
    const appender = await new Node().append()
    await appender.append([{ q: 'a' }], origin(1))
    expect([await appender.append([{ q: 'x' }], origin(1)), appender.rows]).toEqual([false, 1])
  })

  it('goes on where an earlier process was', async () => {
    const node = new Node()
    await (await node.append()).append([{ q: 'a' }], origin(1))
    node.restart()
    const appender = await node.append()
    expect(appender.rows).toBe(1)
    await appender.commit({ version: '1.0.0' })
    expect(node.published).toHaveLength(1)
  })

  it('keeps everything when a version is refused', async () => {
    const node = new Node()
    const appender = await node.append()
    await appender.append([{ q: 'a' }], origin(1))
    node.refusal = new Error('no')
    await expect(appender.commit({ version: '1.0.0' })).rejects.toBe(node.refusal)
    expect([appender.rows, appender.unfinished]).toEqual([1, undefined])
    node.refusal = undefined
    await appender.commit({ version: '2.0.0' })
    expect(appender.rows).toBe(0)
  })

  it('commits again what was cut off, without what came later, and nothing else before it', async () => {
    const node = new Node()
    const appender = await node.append()
    await appender.append([{ q: 'a' }], origin(1))
    // The process ends while it publishes.
    const ending = Object.assign(new Node(), { files: node.files, publishAfter: async () => await new Promise<DatasetBundle>(() => {}) })
    void openAppender(ending, new Set(), init).then(async first => await first.commit({ version: '1.0.0' }))
    await expect.poll(async () => new TextDecoder().decode(await node.files.read('qa/state.json', 1_000))).toContain('committing')
    node.restart()
    const again = await node.append()
    expect(again.unfinished).toBe('1.0.0')
    await again.append([{ q: 'later' }], origin(2))
    await expect(again.commit({ version: '1.1.0' })).rejects.toMatchObject({ name: 'InvalidArgumentError', details: { version: '1.0.0' } })
    // It may have been published before it was cut off, so that nothing else may be made of its rows.
    node.refusal = new Error('no')
    await expect(again.commit({ version: '1.0.0' })).rejects.toBe(node.refusal)
    expect(again.unfinished).toBe('1.0.0')
    node.refusal = undefined
    await again.commit({ version: '1.0.0' })
    expect([again.rows, again.unfinished]).toEqual([1, undefined])
  })

  it('keeps rows while a version is being published, for the one after it', async () => {
    const node = new Node()
    const { promise: gate, resolve: open } = Promise.withResolvers<undefined>()
    const publish = node.publishAfter
    node.publishAfter = async init => { await gate; return await publish(init) }
    const appender = await node.append()
    await appender.append([{ q: 'a' }], origin(1))
    const committed = appender.commit({ version: '1.0.0' })
    await expect.poll(() => appender.unfinished).toBeUndefined()
    expect(await appender.append([{ q: 'b' }], origin(2))).toBe(true)
    await expect(appender.commit({ version: '1.1.0' })).rejects.toMatchObject({ message: 'A version of qa is being committed: wait for it' })
    open(undefined)
    await committed
    expect(appender.rows).toBe(1)
    await appender.commit({ version: '1.1.0' })
    expect(node.published.map(({ version }) => version)).toEqual(['1.0.0', '1.1.0'])
  })

  it('refuses a second appender of one name, and calls after it was closed', async () => {
    const node = new Node()
    const appender = await node.append()
    await expect(node.append()).rejects.toMatchObject({ name: 'InvalidArgumentError', details: { dataset: 'qa' } })
    await appender.close()
    await expect(appender.append([{ q: 'a' }], origin(1))).rejects.toMatchObject({ name: 'StoppedError' })
    await expect(node.append()).resolves.toBeDefined()
  })

  it.each<[string, Partial<AppendInit>]>([['a name', { name: 'QA' }], ['columns', { columns: [] }], ['rowGroupRows', { rowGroupRows: 0 }]])('refuses %s that it cannot have', async (_, change) => {
    const node = new Node()
    await expect(node.append(change)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    expect(node.isOpen.size).toBe(0)
  })

  it('refuses rows and origins that are none, and to commit nothing', async () => {
    const appender = await new Node().append()
    await expect(appender.append([], origin(1))).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    await expect(appender.append([{ q: 1 }], origin(1))).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    await expect(appender.append([{ q: 'a' }], { ...origin(1), result: 'nothing' })).rejects.toMatchObject({ name: 'InvalidReferenceError' })
    await expect(appender.commit({ version: '1.0.0' })).rejects.toMatchObject({ message: 'Nothing was appended to qa: there is nothing to commit' })
    await expect(appender.commit({ version: '1' })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })
})
