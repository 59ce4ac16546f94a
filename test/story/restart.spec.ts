import { mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import type { DataNode } from '../../src/interface/data-node.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '0' }
const privateKey = '11'.repeat(32)

describe('a node on disk', () => {
  let home: string
  const nodes: DataNode[] = []
  const boot = async (init: Partial<Parameters<typeof createDataNode>[0]> = {}): Promise<DataNode> => {
    const node = await createDataNode({ home, privateKey, ...init })
    nodes.push(node)
    return node
  }

  beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'restart-')) })
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async node => { await node.stop() }))
    await rm(home, { recursive: true })
  })

  it('finds its bundles, holds and embargoes again', async () => {
    const first = await boot()
    const task = await first.publishTaskBundle({ session, prompt: 'p', files: [{ name: 'big', bytes: new Uint8Array(4_000_000).fill(1) }] }, { readers: 'anyone' })
    const result = await first.publishResult({ task, taskId: '0', output: 'o' }, { reveal: 'later' })
    await first.release(task.cid)
    await first.stop()

    const second = await boot({ privateKey: `0x${privateKey}` })
    const listed = (await Array.fromAsync(second.list())).map(({ cid, kind, held, revealed }) => ({ cid, kind, held, revealed }))
    expect(listed.sort((a, b) => a.kind < b.kind ? -1 : 1)).toEqual([
      { cid: result.cid.toString(), kind: 'result', held: true, revealed: false },
      { cid: task.cid.toString(), kind: 'task', held: false, revealed: true }
    ])
    const found = await second.result({ ...session, taskId: '0' })
    expect(found?.urn).toBe(result.urn)
    expect(found?.statements).toEqual(result.statements)
    await found?.reveal()
    const reopened = await second.open(task.urn)
    expect((await reopened.bytes('inputs/big')).length).toBe(4_000_000)
  })

  it('lists everything again when its index was deleted', async () => {
    const first = await boot()
    const task = await first.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
    await first.stop()
    await rm(join(home, first.address, 'data'), { recursive: true })
    const second = await boot()
    expect((await Array.fromAsync(second.list())).map(({ cid }) => cid)).toEqual([task.cid.toString()])
  })

  it('refuses a second node on its repository, and frees it when it stops', async () => {
    const first = await boot()
    await expect(boot()).rejects.toMatchObject({ name: 'RepositoryLockedError', retryable: true })
    await expect(boot()).rejects.toMatchObject({ name: 'RepositoryLockedError' })
    await first.stop()
    await (await boot()).stop()
  })

  it('refuses the repository of another key', async () => {
    const first = await boot()
    await first.stop()
    const other = await boot({ privateKey: '22'.repeat(32) })
    await other.stop()
    await rm(join(home, other.address), { recursive: true })
    await rename(join(home, first.address), join(home, other.address))
    await expect(boot({ privateKey: '22'.repeat(32) })).rejects.toMatchObject({ name: 'IdentityMismatchError' })
  })

  it('keeps a generated key and uses it again', async () => {
    const first = await boot({ privateKey: 'generate' })
    await first.stop()
    const second = await boot({ privateKey: 'generate' })
    expect(second.address).toBe(first.address)
    expect(await readdir(home)).toEqual([first.address])
  })

  it.each([
    [undefined, 'KeyMissingError'],
    ['', 'KeyMissingError'],
    ['0x12', 'InvalidKeyError'],
    ['zz'.repeat(32), 'InvalidKeyError'],
    ['00'.repeat(32), 'InvalidKeyError']
  ])('refuses the key %j without a trace on disk', async (privateKey, name) => {
    const failure: unknown = await boot({ privateKey }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ name })
    if (privateKey !== undefined && privateKey.length > 4) expect((failure as Error).message).not.toContain(privateKey.slice(2, 20))
    expect(await readdir(home)).toEqual([])
  })

  it('names an unreachable router in health(), and fails nothing but what needs it', async () => {
    const node = await boot({ routers: [`0x${'ab'.repeat(20)}@127.0.0.1:1`] })
    const task = await node.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
    expect(node.health()).toMatchObject({ ok: false, problems: [{ code: 'ROUTER_UNREACHABLE' }] })
    expect(node.health().problems[0]?.message).toContain('127.0.0.1:1')
    expect((await node.open(task.urn)).manifest?.kind).toBe('task')
    const missing = 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354'
    await expect(node.open(missing)).rejects.toMatchObject({ name: 'UnavailableError' })
  })

  it('rejects every call after it was stopped', async () => {
    const node = await boot()
    await node.stop()
    await node.stop()
    await expect(node.open('bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354')).rejects.toMatchObject({ name: 'StoppedError' })
  })

  it.each([
    ['a missing file', { name: 'x', path: '/none/such' }, 'SourceUnreadableError'],
    ['a special file', { name: 'x', path: '/dev/null' }, 'SourceUnreadableError'],
    ['a name that leaves the bundle', { name: '../x', text: '' }, 'InvalidNameError'],
    ['an absolute name', { name: '/x', text: '' }, 'InvalidNameError'],
    ['a name with a control character', { name: 'a\u0000b', text: '' }, 'InvalidNameError'],
    ['something that is not held', { name: 'x', cid: 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354' }, 'NotStoredError']
  ])('refuses to publish %s, and lists nothing', async (_, file, name) => {
    const node = await boot()
    await expect(node.publishTaskBundle({ session, prompt: 'p', files: [{ name: 'good', text: 'good' }, file] }, { readers: 'anyone' }))
      .rejects.toMatchObject({ name })
    expect(await Array.fromAsync(node.list())).toEqual([])
  })

  it('refuses a file whose name is taken, before anything is read', async () => {
    const node = await boot()
    await writeFile(join(home, 'file'), 'x')
    await expect(node.publishTaskBundle({ session, prompt: 'p', files: [{ name: 'a', path: join(home, 'file') }, { name: 'a', text: '' }] }, { readers: 'anyone' }))
      .rejects.toMatchObject({ name: 'InvalidNameError' })
  })

  it.each([
    ['', 'InvalidReferenceError'],
    ['x', 'InvalidReferenceError'],
    [`Qm${'1'.repeat(200_000)}`, 'InvalidReferenceError'],
    ['urn:blob:v2:s3:akamai:test0:abc_result', 'ForeignReferenceError'],
    ['https://example.org/a', 'ForeignReferenceError']
  ])('refuses the reference %.30j', async (ref, name) => {
    const node = await boot()
    await expect(node.open(ref)).rejects.toMatchObject({ name })
    await expect(node.fetchTaskBundle(ref)).rejects.toMatchObject({ name })
    await expect(node.hold(ref)).rejects.toMatchObject({ name })
  })
})
