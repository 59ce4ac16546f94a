import { lstat, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkNames, saveTree } from '../../src/bundle/save.ts'
import { InvalidDagError, InvalidNameError, StorageError } from '../../src/errors.ts'
import { canLock, lockableDirectory } from '../store/read-only.ts'
import { TestDag } from './dags.ts'
import type { SaveTreeOptions } from '../../src/bundle/save.ts'
import type { TreeEntry } from '../../src/bundle/tree.ts'
import type { DataNodeProgress } from '../../src/interface/progress.ts'
import type { CID } from 'multiformats/cid'

let target: string
let outside: string
let count = 0
const options: SaveTreeOptions = { entriesMax: 100, random: length => new Uint8Array(length).fill(++count & 255) }

beforeEach(async () => {
  target = await mkdtemp(join(tmpdir(), 'datanode-save-'))
  outside = await mkdtemp(join(tmpdir(), 'datanode-outside-'))
})

afterEach(async () => {
  await rm(target, { recursive: true })
  await rm(outside, { recursive: true })
})

function sample (dag: TestDag): CID {
  return dag.directory([
    { name: '.hidden', cid: dag.raw('h'), size: 1 },
    { name: 'd', cid: dag.directory([{ name: 'e', cid: dag.directory([]) }, { name: 'f', cid: dag.file([{ cid: dag.raw('one'), size: 3 }, { cid: dag.raw('two'), size: 3 }]) }]) }
  ])
}

async function save (dag: TestDag, cid: CID, directory = target, extra: Partial<SaveTreeOptions> = {}): Promise<void> {
  await saveTree(dag.reader, await dag.open(cid), directory, { ...options, ...extra })
}

async function paths (directory = target): Promise<string[]> {
  return (await readdir(directory, { recursive: true })).sort()
}

test('writes every file and directory, and reports each file', async () => {
  const dag = new TestDag()
  const events: DataNodeProgress[] = []
  await save(dag, sample(dag), join(target, 'new/deep'), { onProgress: event => { events.push(event) } })
  expect(await paths(join(target, 'new/deep'))).toEqual(['.hidden', 'd', 'd/e', 'd/f'])
  expect(await readFile(join(target, 'new/deep/d/f'), 'utf8')).toBe('onetwo')
  expect(events.map(({ detail }) => detail)).toContainEqual({ path: 'd/f', bytes: 6 })
})

test('replaces a file that is there, and leaves others alone', async () => {
  const dag = new TestDag()
  await mkdir(join(target, 'd'))
  await writeFile(join(target, 'd/f'), 'a longer text than before')
  await writeFile(join(target, 'mine'), 'mine')
  await save(dag, sample(dag))
  expect(await readFile(join(target, 'd/f'), 'utf8')).toBe('onetwo')
  expect(await readFile(join(target, 'mine'), 'utf8')).toBe('mine')
})

test('saves a root that is a file under its CID', async () => {
  const dag = new TestDag()
  const cid = dag.file([{ cid: dag.raw('one'), size: 3 }])
  await save(dag, cid)
  expect(await paths()).toEqual([cid.toString()])
})

describe('never writes outside of the target', () => {
  test('through a directory that is a link', async () => {
    const dag = new TestDag()
    await symlink(outside, join(target, 'd'))
    await expect(save(dag, sample(dag))).rejects.toThrow(InvalidNameError)
    expect(await paths(outside)).toEqual([])
  })

  test('through a file that is a link, which is replaced', async () => {
    const dag = new TestDag()
    await writeFile(join(outside, 'victim'), 'untouched')
    await symlink(join(outside, 'victim'), join(target, '.hidden'))
    await save(dag, sample(dag))
    expect(await readFile(join(outside, 'victim'), 'utf8')).toBe('untouched')
    expect((await lstat(join(target, '.hidden'))).isFile()).toBe(true)
  })

  test.for(['..', '../x', '/etc/x', 'a\\b', 'a\0'])('under the name %j, before anything is written', async name => {
    const dag = new TestDag()
    const cid = dag.directory([{ name: '!first', cid: dag.raw('1'), size: 1 }, { name, cid: dag.raw('2'), size: 1 }])
    await expect(save(dag, cid)).rejects.toThrow(InvalidNameError)
    expect(await paths()).toEqual([])
  })
})

test('refuses a file in the place of a directory', async () => {
  const dag = new TestDag()
  await writeFile(join(target, 'd'), 'a file')
  await expect(save(dag, sample(dag))).rejects.toThrow(InvalidNameError)
})

test('refuses a directory in the place of a file, and leaves no temporary file', async () => {
  const dag = new TestDag()
  await mkdir(join(target, '.hidden'))
  await expect(save(dag, sample(dag))).rejects.toThrow(StorageError)
  expect((await paths()).filter(path => path.endsWith('.tmp'))).toEqual([])
})

test.runIf(process.platform === 'linux')('refuses a target that cannot be made, and comes to an end', async () => {
  const dag = new TestDag()
  const root = sample(dag)
  for (const directory of ['/proc/x', '/proc/x/y']) {
    await expect(save(dag, root, directory)).rejects.toMatchObject({ name: 'StorageError', details: { code: 'ENOENT', path: directory } })
  }
})

test.runIf(canLock)('says of a read-only target what it is, and what to do', async () => {
  const dag = new TestDag()
  const root = sample(dag)
  const { path, makeReadOnly } = await lockableDirectory()
  const code = await makeReadOnly()
  for (const directory of [path, join(path, 'a', 'b')]) {
    await expect(save(dag, root, directory)).rejects.toMatchObject({
      name: 'StorageError', details: { code }, message: expect.stringMatching(/; .* or use another directory/) as string
    })
  }
})

test('refuses a target that is a file', async () => {
  const dag = new TestDag()
  await writeFile(join(target, 'file'), '')
  await expect(save(dag, sample(dag), join(target, 'file'))).rejects.toThrow(StorageError)
})

test('leaves no file under its name of which a part is wrong, and no temporary one', async () => {
  const dag = new TestDag()
  const cid = dag.directory([{ name: 'f', cid: dag.file([{ cid: dag.raw('one'), size: 3 }, { cid: dag.raw('two'), size: 4 }]) }])
  await expect(save(dag, cid)).rejects.toThrow(InvalidDagError)
  expect(await paths()).toEqual([])
})

test('rejects with the reason of the signal, and leaves no half-written file', async () => {
  const dag = new TestDag()
  const abort = new AbortController()
  const reason = new Error('enough')
  const get = dag.get.bind(dag)
  const two = dag.raw('two').toString()
  dag.get = async cid => {
    if (cid.toString() === two) abort.abort(reason)
    return get(cid)
  }
  await expect(save(dag, sample(dag), target, { signal: abort.signal })).rejects.toBe(reason)
  expect((await paths()).filter(path => path.endsWith('.tmp') || path === 'd/f')).toEqual([])
})

describe('refuses names', () => {
  const entries = (...names: string[]): TreeEntry[] => {
    const cid = new TestDag().raw('x')
    return names.map(path => ({ type: 'file', path, cid, position: [], size: 1 }))
  }

  test.for([['A', 'a'], ['d/É', 'd/é'], ['e\u0301', 'é']])('%j where case is ignored, and takes them elsewhere', async names => {
    await expect(checkNames(entries(...names), true, 'linux')).rejects.toThrow(InvalidNameError)
    await expect(checkNames(entries(...names), false, 'linux')).resolves.toBeUndefined()
  })

  test.for(['CON', 'aux.txt', 'd/com1', 'a:b', 'what?', 'end.', 'end '])('%j on Windows, and takes it elsewhere', async name => {
    await expect(checkNames(entries(name), false, 'win32')).rejects.toThrow(InvalidNameError)
    await expect(checkNames(entries(name), false, 'linux')).resolves.toBeUndefined()
  })

  test('but not such as only look like devices', async () => {
    await expect(checkNames(entries('console', 'd/com10', 'nul_'), true, 'win32')).resolves.toBeUndefined()
  })
})
