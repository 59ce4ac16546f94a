import { describe, expect, it } from 'vitest'
import { CorruptTransferError } from '../../src/errors.ts'
import { BlockSink } from '../../src/transfer/block-sink.ts'
import { LeafRun } from '../../src/transfer/leaf-run.ts'
import { flatDag, MemoryBlocks } from '../format/dags.ts'

const dag = flatDag(6, 10)
const leaves = dag.blocks.slice(1)
const steps = leaves.map(({ cid }, index) => ({ cid, position: [index], wanted: true }))

function start (since?: readonly number[]): { run: LeafRun, into: MemoryBlocks } {
  const into = new MemoryBlocks()
  const sink = new BlockSink(dag.root, into, { bytesMax: 1000, signal: new AbortController().signal })
  return { run: new LeafRun(sink, { leaves: steps.slice(1, 5), since }), into }
}

function feed (run: LeafRun, count: number): void {
  for (const { cid, bytes } of leaves.slice(1, 1 + count)) run.accept(cid, bytes, 'peer')
}

describe('LeafRun', () => {
  it('asks for its leaves, and later for those that are missing', () => {
    const { run } = start()
    expect(run.request()).toEqual({ root: dag.root, mode: 'leaves', from: [1], to: [5], since: [1] })
    feed(run, 3)
    expect(run.request()).toEqual({ root: dag.root, mode: 'leaves', from: [4], to: [5], since: [4] })
    expect(run).toMatchObject({ isWhole: false, bytes: 30, bytesLeft: 10 })
    feed(start([]).run, 1)
    expect(start([]).run.request().since).toEqual([])
  })

  it('takes its leaves in their order and no other block', () => {
    const { run, into } = start()
    const [, second, third] = leaves
    expect(() => { run.accept(third!.cid, third!.bytes, 'liar') }).toThrow(CorruptTransferError)
    run.accept(second!.cid, second!.bytes, 'peer')
    expect(run.ahead(1).map(String)).toEqual([String(leaves[3]?.cid)])
    for (const { cid, bytes } of leaves.slice(2, 5)) run.accept(cid, bytes, 'peer')
    expect(run.expected).toBeUndefined()
    expect(() => { run.accept(leaves[5]!.cid, leaves[5]!.bytes, 'liar') }).toThrow(CorruptTransferError)
    expect(into.size).toBe(4)
  })
})
