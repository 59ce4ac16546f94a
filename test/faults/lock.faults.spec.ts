import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { startProgram } from '../store/children.ts'
import { checkRepo } from './check-repo.ts'
import { fastDirectory } from './directories.ts'

const programs = join(import.meta.dirname, 'programs')
const privateKey = '11'.repeat(32)

test('gives a repository to one node of a process, through whichever copy of the library', async () => {
  const child = await startProgram([join(programs, 'other-copies.ts'), await fastDirectory()])
  await child.printed(7)
  for (const line of child.lines) expect(JSON.parse(line)).toEqual({ way: expect.any(String) as string })
})

test('names the process that holds a repository, and is free as soon as that is killed', async () => {
  for (let round = 0; round < 5; round++) {
    const home = await fastDirectory()
    const child = await startProgram([join(programs, 'node-child.ts'), home, 'publish', `lock ${round}`])
    await child.printed(3)
    for (let time = 0; time < 2; time++) {
      await expect(createDataNode({ home, privateKey })).rejects.toMatchObject({
        name: 'RepositoryLockedError', retryable: true, details: { pid: child.pid }, message: expect.stringContaining(`process ${child.pid} on `) as string
      })
    }
    await child.kill()
    const node = await createDataNode({ home, privateKey })
    const acknowledged = child.lines.filter(line => line.startsWith('kept')).map(line => line.split(' ')[1] ?? '')
    await node.stop()
    await checkRepo(join(home, node.address), { label: `round ${round}`, acknowledged, address: node.address })
  }
})

test('opens what could not be opened before, once the reason is gone', async () => {
  const home = await fastDirectory()
  const first = await createDataNode({ home, privateKey })
  await first.stop()
  const path = join(home, first.address)
  await writeFile(join(path, 'version'), '999999\n')
  await expect(createDataNode({ home, privateKey })).rejects.toMatchObject({ name: 'RepositoryVersionError' })
  await expect(createDataNode({ home, privateKey })).rejects.toMatchObject({ name: 'RepositoryVersionError' })
  await writeFile(join(path, 'version'), '1\n')
  const again = await createDataNode({ home, privateKey })
  await again.stop()
})

test('lets four nodes of one user live under one home', async () => {
  const home = await fastDirectory()
  const start = async (n: number): ReturnType<typeof createDataNode> => {
    const node = await createDataNode({ home, privateKey: `${n}${n}`.repeat(32) })
    onTestFinished(() => node.stop())
    return node
  }
  const nodes = await Promise.all([1, 2, 3, 4].map(start))
  expect(new Set(nodes.map(({ address }) => address)).size).toBe(4)
  const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' } as const
  const tasks = await Promise.all(nodes.map(node => node.publishTaskBundle({ session, prompt: node.address }, { readers: 'anyone' })))
  // What is open is counted in the whole process: none of them may be writing when one is looked at.
  for (const node of nodes) await node.audit.checkpoint()
  for (const [at, node] of nodes.entries()) {
    expect((await Array.fromAsync(node.list())).map(({ cid }) => cid)).toEqual([tasks[at]?.cid.toString()])
    await node.stop()
    await checkRepo(join(home, node.address), { label: `node ${at}`, acknowledged: [String(tasks[at]?.cid)], address: node.address })
  }
})
