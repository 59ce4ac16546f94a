import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { describe, expect, test } from 'vitest'
import { blocksOf, readBytes, readFile } from '../../src/bundle/file.ts'
import { InvalidArgumentError, InvalidDagError, LimitExceededError } from '../../src/errors.ts'
import { dagDepthMax, readAheadBlocksMax } from '../../src/limits.ts'
import { rawCodec } from '../../src/format/dag-links.ts'
import { all, fileTree, TestDag } from './dags.ts'
import type { FilePlace } from '../../src/bundle/file.ts'

async function place (dag: TestDag, cid: CID): Promise<FilePlace> {
  const root = await dag.open(cid)
  if (root.type !== 'file') throw new Error('not a file')
  return root
}

test('reads any part of any file as the same bytes', async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), fc.nat(90), fc.nat(90), async (content, offset, length) => {
    const dag = new TestDag()
    const file = await place(dag, fileTree(dag, content))
    expect(Buffer.from(await readBytes(dag.reader, file)).equals(content)).toBe(true)
    const part = await readBytes(dag.reader, file, { offset, length })
    expect(Buffer.from(part).equals(content.subarray(offset, offset + length))).toBe(true)
  }))
})

test('names the blocks of any part of any file, and reads no leaf for it', async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), fc.nat(90), fc.nat(90), async (content, offset, length) => {
    const dag = new TestDag()
    const file = await place(dag, fileTree(dag, content))
    dag.reads.length = 0
    const blocks = await all(blocksOf(dag.reader, file, { offset, length }))
    expect(dag.reads.filter(cid => CID.parse(cid).code === rawCodec)).toEqual([])
    const [start, end] = [offset, Math.min(offset + length, content.length)]
    let at = blocks[0]?.start ?? start
    for (const block of blocks) {
      expect(block.start).toBe(at)
      const bytes = block.cid.code === rawCodec ? await dag.get(block.cid) : content.subarray(at, at + block.size)
      expect(Buffer.from(bytes).equals(content.subarray(at, at += block.size))).toBe(true)
    }
    if (start < end) expect([at >= end, (blocks[0]?.start ?? Infinity) <= start]).toEqual([true, true])
    else expect(blocks).toEqual([])
  }))
})

test('reads only the blocks of the part that is asked for', async () => {
  const dag = new TestDag()
  const leaves = Array.from({ length: 100 }, (_, i) => dag.raw(`leaf ${i % 10}${Math.floor(i / 10)}`))
  const file = await place(dag, dag.file(leaves.map(cid => ({ cid, size: 7 }))))
  dag.reads.length = 0
  expect(Buffer.from(await readBytes(dag.reader, file, { offset: 7 * 50 + 3, length: 6 })).toString()).toBe('f 05le')
  expect(dag.reads).toEqual([file.cid, leaves[50], leaves[51]].map(String))
})

test('reads a few blocks ahead, and no more', async () => {
  const dag = new TestDag()
  const leaves = Array.from({ length: 100 }, (_, i) => dag.raw(`leaf ${100 + i}`))
  const file = await place(dag, dag.file(leaves.map(cid => ({ cid, size: 8 }))))
  dag.reads.length = 0
  const stream = readFile(dag.reader, file)
  await stream.next()
  expect(dag.reads.length).toBe(1 + readAheadBlocksMax)
  await stream.return(undefined)
  expect(dag.reads.length).toBe(1 + readAheadBlocksMax)
})

test('ends the signal of what was read ahead when the reader is gone', async () => {
  const dag = new TestDag()
  const file = await place(dag, dag.file([{ cid: dag.raw('1'), size: 1 }, { cid: dag.raw('2'), size: 1 }]))
  const signals: (AbortSignal | undefined)[] = []
  const stream = readFile({ get: async ({ cid }, options) => {
    signals.push(options?.signal)
    return dag.get(cid)
  } }, file)
  await stream.next()
  await stream.return(undefined)
  expect(signals.map(signal => signal?.aborted)).toEqual([true, true, true])
})

test('rejects with the reason of the signal', async () => {
  const dag = new TestDag()
  const file = await place(dag, dag.file([{ cid: dag.raw('1'), size: 1 }, { cid: dag.raw('2'), size: 1 }]))
  const abort = new AbortController()
  const stream = readFile(dag.reader, file, { signal: abort.signal })
  await stream.next()
  const reason = new Error('enough')
  abort.abort(reason)
  await expect(stream.next()).rejects.toBe(reason)
})

test('reads as many bytes into memory as it may, and refuses one more', async () => {
  const dag = new TestDag()
  const file = await place(dag, dag.file([{ cid: dag.raw('abc'), size: 3 }]))
  expect(await readBytes(dag.reader, file, { bytesMax: 3 })).toHaveLength(3)
  await expect(readBytes(dag.reader, file, { bytesMax: 2 })).rejects.toThrow(LimitExceededError)
  expect(await readBytes(dag.reader, file, { bytesMax: 2, offset: 1 })).toHaveLength(2)
})

test.for([{ offset: -1 }, { offset: 1.5 }, { length: -1 }, { length: Number.NaN }, { offset: 2 ** 53 }])('refuses %j', async range => {
  const dag = new TestDag()
  await expect(readBytes(dag.reader, await place(dag, dag.file([])), range)).rejects.toThrow(InvalidArgumentError)
})

describe('refuses sizes that lie', () => {
  const cases: [string, (dag: TestDag) => CID][] = [
    ['a leaf that is longer', dag => dag.file([{ cid: dag.raw('abc'), size: 2 }])],
    ['a leaf that is shorter', dag => dag.file([{ cid: dag.raw('abc'), size: 4 }])],
    ['an inner node that is longer', dag => dag.file([{ cid: dag.file([{ cid: dag.raw('abc'), size: 3 }]), size: 2 }])],
    ['a directory in the place of a part', dag => dag.file([{ cid: dag.directory([]), size: 2 }])]
  ]
  test.for(cases)('%s', async ([, make]) => {
    const dag = new TestDag()
    await expect(readBytes(dag.reader, await place(dag, make(dag)))).rejects.toThrow(InvalidDagError)
  })

  test.for([0, 2, 4])('of a raw file that its link calls %i bytes long', async size => {
    const dag = new TestDag()
    await expect(readBytes(dag.reader, { cid: dag.raw('abc'), position: [0], size })).rejects.toThrow(InvalidDagError)
  })
})

test('reads the start of a file of 2^41 bytes made from 41 blocks, without walking it', async () => {
  const dag = new TestDag()
  let part = { cid: dag.raw('x'), size: 1 }
  for (let level = 0; level < 41; level++) part = { cid: dag.file([part, part]), size: part.size * 2 }
  const file = await place(dag, part.cid)
  expect(await readBytes(dag.reader, file, { offset: 2 ** 40, length: 10 })).toHaveLength(10)
  expect(dag.reads.length).toBeLessThan(100)
})

test('reads a file as deep as a DAG may be, and refuses one more', async () => {
  const dag = new TestDag()
  const chain = (depth: number): CID => {
    let cid = dag.raw('x')
    for (let level = 0; level < depth; level++) cid = dag.file([{ cid, size: 1 }])
    return cid
  }
  expect(await readBytes(dag.reader, await place(dag, chain(dagDepthMax)))).toHaveLength(1)
  await expect(readBytes(dag.reader, await place(dag, chain(dagDepthMax + 1)))).rejects.toThrow(InvalidDagError)
})

test('gives nothing for an empty file', async () => {
  const dag = new TestDag()
  expect(await all(readFile(dag.reader, { cid: dag.raw(''), position: [], size: 0 }))).toEqual([])
  expect(await all(readFile(dag.reader, await place(dag, dag.file([]))))).toEqual([])
})
