import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EntryPaths } from '../../src/bundle/entry-paths.ts'
import { openSources } from '../../src/bundle/source.ts'
import { ForeignReferenceError, InvalidNameError, InvalidReferenceError, LimitExceededError, NotStoredError } from '../../src/errors.ts'
import { TestDag } from './dags.ts'
import type { SourceEntry } from '../../src/bundle/source-entry.ts'
import type { FileSource } from '../../src/interface/source.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'datanode-source-'))
  await mkdir(join(directory, 'd'))
  await writeFile(join(directory, 'd/f'), 'x')
})

afterEach(async () => {
  await rm(directory, { recursive: true })
})

const dag = new TestDag()
const root = dag.directory([])
const leaf = dag.raw('x')

async function open (files: FileSource[], entriesMax = 100): Promise<SourceEntry[]> {
  return [...await openSources(files, { blocks: dag, paths: new EntryPaths(entriesMax) })]
}

describe('links', () => {
  test.for([
    ['a CID', root], ['its text', root.toString()], ['a URN', `urn:blob:v2:ipfs:${root.toString()}`], ['a ticket', `ipfs://${root.toString()}?provider=/ip4/1.2.3.4/tcp/1`],
    ['a raw block', leaf], ['the text of one', leaf.toString()]
  ] as const)('%s', async ([, cid]) => {
    expect(await open([{ name: 'a', cid }])).toMatchObject([{ type: 'link', path: 'a' }])
  })

  test('nothing that is not stored', async () => {
    await expect(open([{ name: 'a', cid: new TestDag().raw('not there') }])).rejects.toThrow(NotStoredError)
  })

  test.for([dag.put(Buffer.from('{}'), 0x0129).toString(), 'nonsense', 'Q'.repeat(200_000)])('nothing that is no block of a bundle: %#', async cid => {
    await expect(open([{ name: 'a', cid }])).rejects.toThrow(InvalidReferenceError)
  })

  test('nothing of another storage system', async () => {
    await expect(open([{ name: 'a', cid: 'urn:blob:v2:s3:bucket:key' }])).rejects.toThrow(ForeignReferenceError)
  })
})

test('takes a directory and files into it', async () => {
  const entries = await open([{ name: 'd', path: join(directory, 'd') }, { name: 'd/more', text: 'x' }, { name: 'd/f2/x', bytes: Uint8Array.of(1) }])
  expect(entries.map(({ path }) => path)).toEqual(['d', 'd/f', 'd/more', 'd/f2/x'])
})

describe('refuses', () => {
  test('a file that a directory has brought already', async () => {
    await expect(open([{ name: 'd', path: join(directory, 'd') }, { name: 'd/f', text: 'x' }])).rejects.toThrow(InvalidNameError)
  })

  test('a file in a link', async () => {
    await expect(open([{ name: 'd', cid: root }, { name: 'd/f', text: 'x' }])).rejects.toThrow(InvalidNameError)
  })

  test('a bad name before anything is read', async () => {
    await expect(open([{ name: 'a', path: '/does/not/exist' }, { name: '../b', text: 'x' }])).rejects.toThrow(InvalidNameError)
  })

  test('one entry too many, directories counted', async () => {
    await expect(open([{ name: 'd', path: join(directory, 'd') }], 2)).resolves.toHaveLength(2)
    await expect(open([{ name: 'd', path: join(directory, 'd') }], 1)).rejects.toThrow(LimitExceededError)
  })
})

test('rejects with the reason of the signal', async () => {
  const reason = new Error('enough')
  const opened = openSources([{ name: 'a', text: 'x' }], { blocks: dag, paths: new EntryPaths(9), signal: AbortSignal.abort(reason) })
  await expect(opened).rejects.toBe(reason)
})
