import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestNetwork } from '../../src/testing/index.ts'
import type { ResultBundle, TaskBundle } from '../../src/interface/bundle.ts'
import type { DataNode, TaskInit } from '../../src/interface/data-node.ts'
import type { DiskHealth } from '../../src/interface/health.ts'
import type { TestNetwork } from '../../src/testing/index.ts'

const session = { chainId: '18964747554', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '7' }
const taskInit: TaskInit = {
  session,
  clientReference: 'story',
  prompt: 'Summarise.',
  config: { max_tokens: 16 },
  metadata: { name: 'story' },
  files: [{ name: 'a/b.txt', text: 'hello' }, { name: 'zero', bytes: new Uint8Array() }, { name: 'big.bin', bytes: new Uint8Array(3_000_000).fill(7) }]
}
const stored = ({ held, cached }: DiskHealth): { bundles: number, bytes: number } =>
  ({ bundles: held.bundles + cached.bundles, bytes: held.bytes + cached.bytes })
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe('a task from a router to its miners and on to an oracle', () => {
  let network: TestNetwork
  let [router, miner, other, oracle]: DataNode[] = []
  let directory: string
  let task: TaskBundle

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'story-'))
    network = await createTestNetwork({ nodes: 4 });
    [router, miner, other, oracle] = network.nodes as [DataNode, DataNode, DataNode, DataNode]
  }, 60_000)

  afterAll(async () => {
    await network.stop()
    await rm(directory, { recursive: true })
  })

  const nodes = () => ({ router: router as DataNode, miner: miner as DataNode, other: other as DataNode, oracle: oracle as DataNode })

  it('publishes a task whose readers are not known yet, and nobody can fetch it', async () => {
    const { router, miner } = nodes()
    task = await router.publishTaskBundle(taskInit, { readers: [] })
    expect(task.access).toBe('restricted')
    expect(task.urn.length).toBeLessThanOrEqual(95)
    await expect(miner.fetchTaskBundle(task.urn)).rejects.toMatchObject({ name: 'UnavailableError', retryable: true })
  })

  it('publishes the same task again under the same root and with the same statement', async () => {
    const { router } = nodes()
    const again = await router.publishTaskBundle(taskInit, { readers: [] })
    expect(again.cid.toString()).toBe(task.cid.toString())
    expect(again.statements).toEqual(task.statements)
  })

  it('lets the assigned miners and the oracle read it, and nobody else', async () => {
    const { router, miner, other, oracle } = nodes()
    await task.setReaders([miner.address, oracle.address])
    const fetched = await miner.fetchTaskBundle(task.urn)
    expect(fetched.prompt).toBe('Summarise.')
    expect(fetched.config).toEqual({ max_tokens: 16 })
    expect(fetched.manifest).toMatchObject({ kind: 'task', session, clientReference: 'story' })
    expect(fetched.statements.map(({ signer }) => signer)).toEqual([router.address])
    await expect(other.fetchTaskBundle(task.urn)).rejects.toMatchObject({ name: 'UnavailableError' })
  })

  it('reads files whole, in parts, as a list, and saves them', async () => {
    const { miner } = nodes()
    const fetched = await miner.fetchTaskBundle(task.cid)
    expect(text(await fetched.bytes('inputs/a/b.txt'))).toBe('hello')
    expect(text(await fetched.bytes('inputs/a/b.txt', { offset: 1, length: 3 }))).toBe('ell')
    expect((await fetched.bytes('inputs/zero')).length).toBe(0)
    expect((await Array.fromAsync(fetched.stream('inputs/big.bin', { offset: 2_999_990 }))).reduce((sum, part) => sum + part.length, 0)).toBe(10)
    expect((await Array.fromAsync(fetched.files('inputs'))).map(({ path, type, size }) => [path, type, Number(size)])).toEqual([
      ['inputs/a', 'directory', 0], ['inputs/a/b.txt', 'file', 5], ['inputs/big.bin', 'file', 3_000_000], ['inputs/zero', 'file', 0]
    ])
    await expect(fetched.bytes('inputs/none')).rejects.toMatchObject({ name: 'FileNotFoundError' })
    await fetched.saveTo(join(directory, 'out'))
    expect((await readFile(join(directory, 'out', 'inputs', 'big.bin'))).length).toBe(3_000_000)
    expect(JSON.parse(await readFile(join(directory, 'out', 'prompt.json'), 'utf8'))).toBe('Summarise.')
  })

  let results: ResultBundle[]

  it('keeps a result from everybody until it is revealed', async () => {
    const { miner, router, oracle } = nodes()
    const fetched = await miner.fetchTaskBundle(task.urn)
    const result = await miner.publishResult({ task: fetched, taskId: '0', output: { text: 'hello' } }, { reveal: 'later', readers: 'anyone' })
    expect(result.revealed).toBe(false)
    const expected = { task, taskId: '0', miner: miner.address }
    await expect(router.fetchResult(result.urn, expected)).rejects.toMatchObject({ name: 'UnavailableError' })
    expect((await Array.fromAsync(miner.list({ revealed: false }))).map(({ cid }) => cid)).toEqual([result.cid.toString()])
    await result.reveal()
    expect(result.revealed).toBe(true)
    expect((await router.fetchResult(result.urn, expected)).output).toEqual({ text: 'hello' })
    results = [result]
    const byOracle = await (await oracle.fetchTaskBundle(task.urn)).bytes('prompt.json')
    const own = await oracle.publishResult({ task: await oracle.fetchTaskBundle(task.urn), taskId: '0', output: { text: 'hello' } },
      { reveal: 'now', readers: 'anyone' })
    expect(text(byOracle)).toBe('"Summarise."')
    results.push(own)
  })

  it('answers for a task once, finds the answer again, and refuses a second one', async () => {
    const { miner } = nodes()
    const fetched = await miner.fetchTaskBundle(task.urn)
    const first = results[0] as ResultBundle
    const answer = { task: fetched, taskId: '0', output: { text: 'hello' } }
    const again = await miner.publishResult(answer, { reveal: 'now', readers: 'anyone' })
    expect(again.urn).toBe(first.urn)
    expect(again.statements).toEqual(first.statements)
    expect((await miner.result({ ...session, taskId: '0' }))?.urn).toBe(first.urn)
    expect(await miner.result({ ...session, taskId: '1' })).toBeUndefined()
    const other = { ...answer, output: { text: 'other' } }
    await expect(miner.publishResult(other, { reveal: 'now' })).rejects.toMatchObject({ name: 'AlreadyAnsweredError', details: { first: first.urn } })
    expect(await Array.fromAsync(miner.list({ kind: 'result' }))).toHaveLength(1)
  })

  it('judges every claim, and keeps the evidence without copying anything', async () => {
    const { router, miner, oracle, other } = nodes()
    const read = await router.fetchTaskBundle(task.urn)
    const [first, second] = results as [ResultBundle, ResultBundle]
    const { verdicts, agreements } = await router.verifyResults(read, [
      { miner: miner.address, ref: first.urn, hash: first.digest },
      { miner: oracle.address, ref: second.urn, hash: second.digest },
      { miner: other.address, ref: first.urn },
      { miner: other.address, ref: first.urn, hash: second.digest },
      { miner: other.address, ref: 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354' }
    ], { taskId: '0' })
    expect(verdicts.map(({ status }) => status)).toEqual(['ok', 'ok', 'copied', 'mismatch', 'unavailable'])
    expect(agreements).toMatchObject([{ miners: [miner.address, oracle.address] }])
    const before = stored(router.health().disk).bytes
    const evidence = await router.publishEvidence({ task: read, taskId: '0', verdicts: { verdicts: verdicts.slice(0, 2), agreements } })
    expect(stored(router.health().disk).bytes - before).toBeLessThan(10_000)
    const paths = (await Array.fromAsync(evidence.files())).map(({ path }) => path)
    expect(paths).toContain(`results/${miner.address}/output.json`)
    expect(paths).toContain('task/inputs/big.bin')
    expect(paths).toContain(`statements/${oracle.address}.json`)
    expect(evidence.access).toBe('restricted')
  })

  it('grows a dataset out of the results, version by version', async () => {
    const { router, other } = nodes()
    const first = await router.datasets.publish({ name: 'qa', version: '1.0.0', files: [{ name: 'r', cid: (results[0] as ResultBundle).urn }] },
      { readers: 'anyone' })
    const second = await router.datasets.publish({
      name: 'qa', version: '1.1.0', previous: first.cid, files: [{ name: 'r', cid: (results[0] as ResultBundle).urn }, { name: 'x.csv', text: 'a\n' }]
    }, { readers: 'anyone' })
    const fetched = await other.datasets.fetch(second.urn)
    expect(fetched.name).toBe(`${router.address}/qa@1.1.0`)
    const croissant = JSON.parse(text(await fetched.bytes('croissant.json'))) as { distribution: { '@id': string, sha256: string }[] }
    expect(croissant.distribution.map(file => file['@id'])).toContain('data/x.csv')
    expect((await Array.fromAsync(other.datasets.versions(second.urn))).map(({ version }) => version)).toEqual(['1.1.0', '1.0.0'])
    await expect(router.datasets.publish({ name: 'qa', version: '1.0.5', previous: second.cid, files: [{ name: 'x.csv', text: 'a\n' }] }))
      .rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })

  it('opens a bundle without fetching all of it', async () => {
    const { router, other } = nodes()
    const published = await router.datasets.publish({
      name: 'large', version: '1.0.0', files: [{ name: 'a.bin', bytes: new Uint8Array(5_000_000) }, { name: 'b.txt', text: 'small' }]
    }, { readers: 'anyone' })
    const before = stored(other.health().disk).bundles
    const opened = await other.open(published.urn)
    expect(opened.manifest?.kind).toBe('dataset')
    expect(text(await opened.bytes('data/b.txt'))).toBe('small')
    await opened.close()
    expect(stored(other.health().disk).bundles).toBe(before)
  })
})
