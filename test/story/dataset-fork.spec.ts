import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { croissantBytesMax } from '../../src/limits.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { DatasetInit } from '../../src/interface/dataset.ts'

const privateKey = '11'.repeat(32)
const nodes: DataNode[] = []
let directory: string

async function start (init: Partial<Parameters<typeof createDataNode>[0]> = {}): Promise<DataNode> {
  const node = await createDataNode({ home: ':memory:', privateKey: 'generate', listen: ['/ip4/127.0.0.1/tcp/0'], ...init })
  nodes.push(node)
  return node
}

beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'fork-')) })

afterEach(async () => {
  await Promise.all(nodes.splice(0).map(async node => { await node.stop() }))
  await rm(directory, { recursive: true })
})

it('shows a publisher that says one thing to some and another thing to others, by both of its statements', async () => {
  const honest = await start({ privateKey })
  const name = `${honest.address}/qa`
  await using said = await honest.datasets.publish({ name: 'qa', version: '1.0.0', files: [{ name: 'a', text: 'one' }] })
  const mirror = await start({ routers: honest.multiaddrs })
  await mirror.ready()
  await using kept = await mirror.datasets.mirror(name)
  await honest.stop()

  // The same key with another disk: it does not know what it signed before.
  const other = await start({ privateKey })
  await using denied = await other.datasets.publish({ name: 'qa', version: '1.0.0', files: [{ name: 'a', text: 'two' }] })
  const reader = await start({ routers: [...mirror.multiaddrs, ...other.multiaddrs] })
  await reader.ready()
  const error: unknown = await reader.datasets.latest(name).catch((error: unknown) => error)
  expect(error).toMatchObject({ name: 'EquivocationError', details: { name: `${name}@1.0.0`, equivocations: [{ reason: 'same-version' }] } })
  const { details } = error as { details: { cid: string, equivocations: { cid: string }[] } }
  expect([details.cid, details.equivocations[0]?.cid].sort()).toEqual([said.cid.toString(), denied.cid.toString()].sort())
  const [version] = await Array.fromAsync(reader.datasets.versions(name))
  expect(version?.conflicts).toMatchObject([{ reason: 'same-version', version: '1.0.0', statement: { signer: honest.address } }])
  // Each of them can be named by its CID.
  await using meant = await reader.datasets.fetch(said.cid)
  expect(new TextDecoder().decode(await meant.bytes('data/a'))).toBe('one')
  expect(kept.versions).toHaveLength(1)
})

it('signs one of two versions that are published at the same time after the same one', async () => {
  const node = await start()
  await using first = await node.datasets.publish({ name: 'qa', version: '1.0.0', files: [{ name: 'a', text: 'a' }] })
  const next = (version: string, text: string): Promise<unknown> => node.datasets.publish({
    name: 'qa', version, previous: first.cid, files: [{ name: 'a', text: 'a' }, { name: 'b', text }]
  })
  const ended = await Promise.allSettled([next('1.1.0', '1'), next('1.2.0', '2'), next('1.1.0', '3')])
  expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
  expect(ended.flatMap(one => one.status === 'rejected' ? [(one.reason as Error).name] : [])).toEqual(['VersionTakenError', 'VersionTakenError'])
  expect(await Array.fromAsync(node.list({ kind: 'dataset' }))).toHaveLength(2)
})

/** A file that is gone before its turn came is not there, and one that goes in the middle of it has changed. */
const changedOrGone = expect.stringMatching(/^Source(?:Changed|Unreadable)Error$/) as string

describe('refuses, and publishes nothing of it,', () => {
  const version: DatasetInit = { name: 'qa', version: '1.0.0', files: [{ name: 'a', text: 'a' }] }
  const cases: [string, (path: string) => DatasetInit, Record<string, unknown>][] = [
    ['names that differ only in case', () => ({ ...version, files: [{ name: 'a/x', text: '1' }, { name: 'A/y', text: '2' }] }), { name: 'InvalidNameError' }],
    ['a version that is not one', () => ({ ...version, version: '1.0.0-rc.1' }), { name: 'InvalidArgumentError' }],
    ['metadata with a context of their own', () => ({ ...version, croissant: { '@context': 'https://example.org' } }), { name: 'InvalidArgumentError' }],
    ['more said of it than anybody reads', () => ({ ...version, description: 'x'.repeat(croissantBytesMax) }), { name: 'LimitExceededError' }],
    ['a line that is not JSON', () => ({ ...version, files: [{ name: 'a.jsonl', text: '{}\n{"a":1}\n{\n' }] }), { details: { path: 'data/a.jsonl', line: 3 } }],
    ['a directory that is not there', path => ({ name: 'qa', version: '1.0.0', directory: join(path, 'missing') }), { name: 'SourceUnreadableError' }],
    ['a file in the place of a directory', path => ({ name: 'qa', version: '1.0.0', directory: join(path, 'file') }), { name: 'InvalidArgumentError' }],
    ['a directory without files', path => ({ name: 'qa', version: '1.0.0', directory: join(path, 'empty') }), { name: 'InvalidArgumentError' }],
    ['a directory that changes while it is read', path => ({ name: 'qa', version: '1.0.0', directory: join(path, 'full') }), { name: changedOrGone }]
  ]

  it.each(cases)('%s', async (_, init, error) => {
    const node = await start()
    await Promise.all(['empty', 'full'].map(async name => { await mkdir(join(directory, name)) }))
    await writeFile(join(directory, 'file'), 'x')
    const files = Array.from({ length: 64 }, (_, i) => join(directory, 'full', `${i}`.padStart(2, '0')))
    for (const file of files) await writeFile(file, 'as it was')
    // While the first one goes in, whoever makes the directory writes to all of them, and takes some away.
    const changing = async (): Promise<void> => {
      for (const name of (await readdir(join(directory, 'full'))).slice(16)) await rm(join(directory, 'full', name))
    }
    let changes: Promise<void> | undefined
    const onProgress = (): void => { changes ??= changing() }
    const publishing = node.datasets.publish(init(directory), { onProgress })
    await expect(publishing).rejects.toMatchObject(error)
    await changes
    expect(await Array.fromAsync(node.list())).toEqual([])
  })
})
