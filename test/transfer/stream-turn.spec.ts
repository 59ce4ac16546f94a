import { setImmediate } from 'node:timers/promises'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { describe, expect, it, vi } from 'vitest'
import { CorruptTransferError, LimitExceededError, TimedOutError, UnavailableError } from '../../src/errors.ts'
import { encodeCarHeader, encodeCarSectionHead } from '../../src/format/car-sections.ts'
import { encodeEnd, encodeHeader } from '../../src/format/messages.ts'
import { concat } from '../../src/format/protobuf.ts'
import { encodeVarint } from '../../src/format/varint.ts'
import { betweenBlocksBytesMax, blockBytesMax, dataBytesMax, statementsMax } from '../../src/limits.ts'
import { flatDag, leaf, MemoryBlocks } from '../format/dags.ts'
import { data, from, sections, sendsFor, startClient, startRawServer, startServer } from './support.ts'
import type { Stream } from '@libp2p/interface'
import type { Block } from '../format/dags.ts'

const dag = flatDag(6, 3000)
const [root, ...leaves] = dag.blocks as [Block, ...Block[]]
const ok = encodeHeader({ status: 'ok', size: dag.bytes, access: 'anyone' })
const car = encodeCarHeader(root.cid)
const end = encodeEnd('ok')
const foreign = leaf('foreign')
const [first, second, ...others] = leaves as [Block, Block, ...Block[]]

function damaged ({ cid, bytes }: Block): Block {
  return { cid, bytes: bytes.map((byte, index) => index === 7 ? byte ^ 1 : byte) }
}

function answer (...blocks: Block[]): Uint8Array[] {
  return [ok, data(car, sections(...blocks)), end]
}

const reset = (stream: Stream): void => { stream.abort(new Error('broken off')) }
const close = (stream: Stream): void => { void stream.close() }

type Fault = typeof CorruptTransferError | typeof LimitExceededError | typeof TimedOutError | typeof UnavailableError

interface Misbehaviour {
  what: string
  sent: readonly Uint8Array[]
  then?: (stream: Stream) => void
  error: Fault
  /** How many blocks are verified before it shows. */
  verified: number
}

const cases: Misbehaviour[] = [
  { what: 'wrong bytes', sent: answer(root, first, damaged(second), ...others), error: CorruptTransferError, verified: 2 },
  { what: 'a wrong root', sent: answer(damaged(root)), error: CorruptTransferError, verified: 0 },
  { what: 'blocks in another order', sent: answer(root, second, first, ...others), error: CorruptTransferError, verified: 1 },
  { what: 'a foreign block', sent: answer(root, first, foreign, second, ...others), error: CorruptTransferError, verified: 2 },
  { what: 'a block twice', sent: answer(root, first, first, second, ...others), error: CorruptTransferError, verified: 2 },
  { what: 'no block in the middle', sent: answer(root, first, ...others), error: CorruptTransferError, verified: 2 },
  { what: 'no block at the end', sent: answer(root, first), error: CorruptTransferError, verified: 2 },
  { what: 'no blocks at all', sent: [ok, end], error: CorruptTransferError, verified: 0 },
  { what: 'no CAR header', sent: [ok, data(sections(root)), end], error: CorruptTransferError, verified: 0 },
  { what: 'a CAR of another root', sent: [ok, data(encodeCarHeader(first.cid), sections(root)), end], error: CorruptTransferError, verified: 0 },
  { what: 'a block cut off by the end', sent: [ok, data(car, sections(root, first).subarray(0, -9)), end], error: CorruptTransferError, verified: 1 },
  {
    what: 'an identity hash instead of the block',
    sent: answer({ cid: CID.createV1(0x55, create(0, root.cid.multihash.digest)), bytes: root.bytes }), error: CorruptTransferError, verified: 0
  },
  {
    what: 'a block that is too large',
    sent: [ok, data(car, encodeCarSectionHead(root.cid, blockBytesMax + 1), new Uint8Array(100))], error: CorruptTransferError, verified: 0
  },
  { what: 'a size that is too small', sent: [encodeHeader({ status: 'ok', size: 3500 }), ...answer(root, ...leaves).slice(1)], error: CorruptTransferError, verified: 3 },
  { what: 'a size that is more than allowed', sent: [encodeHeader({ status: 'ok', size: 2 ** 40 }), ...answer(root)], error: LimitExceededError, verified: 0 },
  { what: 'bytes that are no message', sent: [Uint8Array.of(3, 0xff, 0xff, 0xff)], error: CorruptTransferError, verified: 0 },
  { what: 'a huge message', sent: [encodeVarint(dataBytesMax * 16)], error: CorruptTransferError, verified: 0 },
  { what: 'too many statements', sent: [tooManyStatements()], error: CorruptTransferError, verified: 0 },
  { what: 'data before the header', sent: answer(root).slice(1), error: CorruptTransferError, verified: 0 },
  { what: 'the end before the header', sent: [end], error: CorruptTransferError, verified: 0 },
  { what: 'a second header', sent: [ok, ok], error: CorruptTransferError, verified: 0 },
  { what: 'empty messages without end', sent: [ok], then: sendEmptyMessages(betweenBlocksBytesMax / 16, 1), error: CorruptTransferError, verified: 0 },
  { what: 'more after a refusal', sent: [encodeHeader({ status: 'not-available' }), ok], error: CorruptTransferError, verified: 0 },
  { what: 'the end of its stream instead of an answer', sent: [], then: close, error: UnavailableError, verified: 0 },
  { what: 'the end of its stream inside a block', sent: answer(root, first).slice(0, 2).map((part, at) => at === 0 ? part : part.subarray(0, -5)), then: close, error: UnavailableError, verified: 0 },
  { what: 'a reset half-way', sent: [ok], then: reset, error: UnavailableError, verified: 0 },
  { what: 'an end that says the rest is not there', sent: [ok, data(car, sections(root, first)), encodeEnd('not-available')], error: UnavailableError, verified: 2 },
  { what: 'a header and then nothing', sent: [ok], error: TimedOutError, verified: 0 },
  { what: 'a block and then nothing', sent: [ok, data(car, sections(root, first).subarray(0, -9))], error: TimedOutError, verified: 1 },
  { what: 'nothing but empty messages', sent: [ok], then: sendEmptyMessages(10, 20), error: TimedOutError, verified: 0 }
]

function tooManyStatements (): Uint8Array {
  return encodeHeader({ status: 'ok', statements: Array.from({ length: statementsMax + 1 }, () => Uint8Array.of(1)) })
}

/** So many bytes, often enough that the stream is never silent. */
function sendEmptyMessages (bytes: number, everyMs: number): (stream: Stream) => void {
  return (stream) => {
    const timer = setInterval(() => {
      if (stream.status === 'open') stream.send(new Uint8Array(bytes))
      else clearInterval(timer)
    }, everyMs)
  }
}

/** Short only where the provider stalls: elsewhere a busy machine must not be taken for one that does. */
function stallOf (error: Fault): { stallTimeoutMs?: number } {
  return error === TimedOutError ? { stallTimeoutMs: 500 } : {}
}

describe('a provider that sends', () => {
  it.each(cases)('$what is named in the error, and nothing unverified is put', async ({ sent, then, error, verified }) => {
    const liar = await startRawServer(101, sendsFor(() => sent, then))
    const { transfer, opened } = await startClient(102)
    const into = new MemoryBlocks()

    const failed = transfer.fetchDag(dag.root, into, { ...from(liar.dialled), ...stallOf(error) })

    await expect(failed).rejects.toThrow(error)
    await expect(failed).rejects.toMatchObject({ details: { attempts: [{ provider: liar.identity.peerId }] } })
    expect(into.puts).toEqual(dag.blocks.slice(0, verified).map(({ cid }) => cid.toString()))
    const left = opened.filter(({ status }) => status === 'open')
    expect(left).toHaveLength(error === UnavailableError && sent.length === 3 ? 1 : 0)
  })

  it.each(cases)('$what costs nothing that was verified when another provider is honest', async ({ sent, then, error, verified }) => {
    const liar = await startRawServer(101, sendsFor(() => sent, then))
    const blocks = new MemoryBlocks(dag)
    const honest = await startServer(103, [dag], blocks)
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()

    const fetched = await transfer.fetchDag(dag.root, into, { ...from(liar.dialled, honest.dialled), ...stallOf(error) })

    expect(fetched.bytes).toBe(dag.bytes)
    expect(fetched.provider).toBe(honest.identity.peerId)
    expect(into.puts).toEqual(dag.blocks.map(({ cid }) => cid.toString()))
    const verifiedBytes = dag.blocks.slice(0, verified).reduce((sum, { bytes }) => sum + bytes.length, 0)
    expect(fetched.attempts.map(({ bytes }) => bytes)).toEqual([verifiedBytes, dag.bytes - verifiedBytes])
    // Of what had come, the honest provider reads only the inner block, to find its way.
    expect(blocks.gets.filter(cid => cid !== root.cid.toString())).toHaveLength(verified === 0 ? 6 : 7 - verified)
  })

  // What comes in one send comes in pieces of 64 KiB; a header that comes alone leaves that of the CAR to the first of them.
  it.each(['with', 'after'])('in large pieces has their memory freed, when they come %s a header', async (how) => {
    const large = flatDag(4, 700_000)
    const statement = Uint8Array.of(1, 2, 3)
    const header = encodeHeader({ status: 'ok', size: large.bytes, access: 'anyone', statements: [statement] })
    const rest = concat([data(encodeCarHeader(large.root), sections(...large.blocks)), end])
    const server = await startRawServer(101, async (stream) => {
      stream.send(how === 'after' ? header : concat([header, rest]))
      await setImmediate()
      if (how === 'after') stream.send(rest)
    })
    const { transfer } = await startClient(102)
    const into = new MemoryBlocks()
    const transferred = vi.spyOn(ArrayBuffer.prototype, 'transfer')
    const fetched = await transfer.fetchDag(large.root, into, from(server.dialled))
    const { length: freed } = transferred.mock.contexts
    transferred.mockRestore()
    expect(freed * 65_000).toBeGreaterThan(large.bytes * 0.8)
    expect(fetched.statements).toEqual([statement])
    expect(into.puts).toHaveLength(large.blocks.length)
    for (const { cid, bytes } of large.blocks) expect(Buffer.compare(await into.get(cid), bytes)).toBe(0)
  })

  it('names itself in the details of a corrupt transfer', async () => {
    const liar = await startRawServer(101, sendsFor(() => answer(damaged(root))))
    const { transfer } = await startClient(102)
    await expect(transfer.fetchDag(dag.root, new MemoryBlocks(), from(liar.dialled)))
      .rejects.toMatchObject({ name: 'CorruptTransferError', details: { peer: liar.identity.peerId, cid: root.cid.toString() } })
  })

  it.each([
    { what: 'another block', more: data(sections(foreign)) },
    { what: 'another answer', more: concat([end, ok]) },
    { what: 'garbage', more: Uint8Array.of(3, 0xff, 0xff, 0xff) }
  ])('$what after the last block is reported, and takes nothing away from what is complete', async ({ more }) => {
    const liar = await startRawServer(101, sendsFor(() => [ok, data(car, sections(...dag.blocks)), more]))
    const { transfer, opened } = await startClient(102)
    const into = new MemoryBlocks()
    const fetched = await transfer.fetchDag(dag.root, into, from(liar.dialled))
    expect(fetched).toMatchObject({ bytes: dag.bytes, attempts: [{ outcome: 'corrupt' }] })
    expect(into.puts).toHaveLength(7)
    expect(opened.map(({ status }) => status)).toEqual(['aborted'])
  })

  it('everything but the end of its answer has delivered', async () => {
    const server = await startRawServer(101, sendsFor(() => [ok, data(car, sections(...dag.blocks))]))
    const { transfer, opened } = await startClient(102)
    expect(await transfer.fetchDag(dag.root, new MemoryBlocks(), from(server.dialled))).toMatchObject({ attempts: [{ outcome: 'ok' }] })
    expect(opened.map(({ status }) => status)).toEqual(['aborted'])
  })

  it('data without end is cut off at the first byte that is not expected', async () => {
    let sent = 0
    const flood = data(sections(foreign), new Uint8Array(1 << 20))
    const liar = await startRawServer(101, sendsFor(() => answer(root).slice(0, 2), (stream) => {
      const timer = setInterval(() => {
        if (stream.status !== 'open') return clearInterval(timer)
        sent += flood.length
        stream.send(flood)
      }, 1)
    }))
    const { transfer } = await startClient(102)
    await expect(transfer.fetchDag(dag.root, new MemoryBlocks(), from(liar.dialled))).rejects.toThrow(CorruptTransferError)
    expect(sent).toBeLessThan(8 << 20)
  })

  it.each([
    { around: betweenBlocksBytesMax, outcome: 'fetched', rest: answer(...dag.blocks).slice(1) },
    { around: betweenBlocksBytesMax + 1, outcome: 'CorruptTransferError', rest: [] }
  ])('$around bytes around a block is $outcome', async ({ around, outcome, rest }) => {
    const padding = new Uint8Array(around - ok.length)
    const server = await startRawServer(101, sendsFor(() => [ok, padding], (stream) => { stream.send(concat(rest)) }))
    const { transfer } = await startClient(102)
    const fetched = transfer.fetchDag(dag.root, new MemoryBlocks(), from(server.dialled)).then(() => 'fetched', (error: unknown) => (error as Error).name)
    expect(await fetched).toBe(outcome)
  })

  it('slowly, but steadily, is not given up', async () => {
    const bytes = concat([ok, data(car), ...dag.blocks.map(block => data(sections(block))), end])
    const server = await startRawServer(101, sendsFor(() => [], (stream) => {
      let at = 0
      const timer = setInterval(() => {
        if (stream.status !== 'open' || at >= bytes.length) return clearInterval(timer)
        stream.send(bytes.subarray(at, at += 400))
      }, 25)
    }))
    const { transfer } = await startClient(102)
    const fetched = await transfer.fetchDag(dag.root, new MemoryBlocks(), { ...from(server.dialled), stallTimeoutMs: 1_000 })
    expect(fetched.bytes).toBe(dag.bytes)
  })
})
