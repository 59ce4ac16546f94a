import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { StorageError } from '../../src/errors.ts'
import { temporaryDirectory } from '../store/fixtures.ts'
import { canLock, canMount, lockableDirectory, tinyFileSystem } from '../store/read-only.ts'
import type { TaskInit } from '../../src/interface/data-node.ts'

const privateKey = '5a'.repeat(32)
const task: TaskInit = { session: { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' }, prompt: 'p' }

async function refusal (home: string, key = privateKey): Promise<{ code: unknown, message: string }> {
  try {
    await using node = await createDataNode({ home, privateKey: key })
    throw new Error(`${node.address} was started`)
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    return { code: error.details['code'], message: error.message }
  }
}

test.runIf(process.platform === 'linux').for(['/proc/x', '/proc/x/y', '/proc'])('a node is refused below %s, and comes to an end', async home => {
  expect((await refusal(home)).code).toBe('ENOENT')
  expect((await refusal(home, 'generate')).message).toContain(home)
})

test.runIf(canLock)('a node is refused in a read-only place, and says what to do', async () => {
  const { path, makeReadOnly } = await lockableDirectory()
  const code = await makeReadOnly()
  expect(await refusal(join(path, 'home'))).toEqual({ code, message: expect.stringMatching(/; .* or use another directory/) as string })
  expect((await refusal(join(path, 'home'), 'generate')).message).toContain(code)
})

test('a node is refused below a file', async () => {
  const home = await temporaryDirectory()
  await writeFile(join(home, 'file'), '')
  expect(await refusal(join(home, 'file'))).toMatchObject({ code: 'ENOTDIR' })
})

test.runIf(canMount)('a repository on a file system that became read-only is refused each time, and is whole when it can be written again', async () => {
  const { path, makeReadOnly, makeWritable } = await lockableDirectory()
  const first = await createDataNode({ home: path, privateKey })
  const { urn } = await first.publishTaskBundle(task, { readers: 'anyone' })
  await first.stop()
  await makeReadOnly()
  for (let round = 0; round < 2; round++) expect(await refusal(path)).toMatchObject({ code: 'EROFS' })
  await makeWritable()
  await using second = await createDataNode({ home: path, privateKey })
  expect((await second.fetchTaskBundle(urn)).prompt).toBe('p')
})

test.runIf(canMount).for([4, 8, 16])('a node is refused on a disk of %i KiB each time, and says that it is full', async kib => {
  const path = await tinyFileSystem(kib * 1024)
  for (let round = 0; round < 2; round++) {
    expect(await refusal(path)).toEqual({ code: 'ENOSPC', message: expect.stringContaining('the disk is full') as string })
  }
})

test.runIf(canLock)('what is refused is not left locked', async () => {
  const { path, makeReadOnly } = await lockableDirectory()
  const code = await makeReadOnly()
  for (let round = 0; round < 3; round++) expect((await refusal(join(path, 'home'))).code).toBe(code)
  expect(await readdir(path)).toEqual([])
})
