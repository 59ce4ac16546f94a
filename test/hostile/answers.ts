import { encodeCarHeader, encodeCarSectionHead } from '../../src/format/car-sections.ts'
import { encodeEnd, encodeHeader } from '../../src/format/messages.ts'
import { concat } from '../../src/format/protobuf.ts'
import { encodeVarint } from '../../src/format/varint.ts'
import { blockBytesMax, carHeaderBytesMax, dataBytesMax, statementBytesMax, statementsMax } from '../../src/limits.ts'
import { leaf, noise } from '../format/dags.ts'
import { RequestReader } from '../../src/format/message-reader.ts'
import { data, sections } from '../transfer/support.ts'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { setTimeout } from 'node:timers/promises'
import { ended, pour } from './adversary.ts'
import type { Block, Dag } from '../format/dags.ts'
import type { HostileHandler } from './adversary.ts'

/** How a provider answers `/cortensor/dag/1`, and what has to come of it when nobody else can be asked. */
export interface HostileAnswer {
  attack: string
  answer: (dag: Dag) => HostileHandler
  /** Name of the error; undefined where no harm is done and the fetch succeeds. */
  error: string | undefined
  /** How the error calls it. */
  fault?: RegExp
  /** Only a provider that is silent is not blamed when another one was faster. */
  isSilent?: boolean
}

const end = encodeEnd('ok')
const foreign = leaf('a block of no bundle')

/** A header that says what is so. */
function headerOf ({ bytes }: Dag): Uint8Array {
  return encodeHeader({ status: 'ok', size: bytes, access: 'anyone' })
}

function carOf ({ root }: Dag, blocks: readonly Block[]): Uint8Array {
  return concat([encodeCarHeader(root), sections(...blocks)])
}

/** Sends these bytes for each request, and does something else. It waits for requests for ever. */
function sendsFor (bytes: () => readonly Uint8Array[], then?: HostileHandler): HostileHandler {
  return async (stream, connection) => {
    const requests = new RequestReader()
    stream.addEventListener('message', ({ data }) => {
      for (let left = requests.push(data.subarray()).length; left > 0; left--) {
        if (stream.writeStatus !== 'writable') return
        stream.send(concat(bytes()))
        void then?.(stream, connection)
      }
    })
    await ended(stream)
  }
}

/** Sends an honest answer but for its blocks. */
function sends (change: (blocks: readonly Block[], dag: Dag) => readonly Block[]): (dag: Dag) => HostileHandler {
  return dag => sendsFor(() => [headerOf(dag), data(carOf(dag, change(dag.blocks, dag))), end])
}

/** Sends these bytes for each request, and then something else or nothing. */
function sendsBytes (bytes: (dag: Dag) => readonly Uint8Array[], then?: HostileHandler): (dag: Dag) => HostileHandler {
  return dag => sendsFor(() => bytes(dag), then)
}

function damaged ({ cid, bytes }: Block): Block {
  return { cid, bytes: bytes.map((byte, index) => index === 7 ? byte ^ 1 : byte) }
}

function identityOf ({ cid }: Block): Block {
  return { cid: CID.createV1(0x55, create(0, cid.multihash.digest)), bytes: cid.multihash.digest }
}

/** One byte a second, as long as anybody listens. */
const drips: HostileHandler = async (stream) => {
  while (stream.status === 'open') {
    stream.send(Uint8Array.of(0))
    await setTimeout(1_000, undefined, { ref: false })
  }
}

/** Two kilobytes a second of a block that has not come whole when its reader has lost patience. */
const trickles: HostileHandler = async (stream) => {
  while (stream.status === 'open') {
    stream.send(data(noise(2_048, 6)))
    await setTimeout(1_000, undefined, { ref: false })
  }
}

const pours = (bytes: Uint8Array): HostileHandler => async (stream) => { await pour(stream, () => bytes) }
const closes: HostileHandler = (stream) => { void stream.close() }

/** An honest answer of which only so many bytes come before the stream breaks off; the next stream gets as many. */
const breaksOff = (bytesMax: number): (dag: Dag) => HostileHandler =>
  sendsBytes(dag => [concat([headerOf(dag), data(carOf(dag, dag.blocks))]).subarray(0, bytesMax)], async (stream) => {
    await setTimeout(50)
    stream.abort(new Error('broken off'))
  })

const corrupt = 'CorruptTransferError'
const timedOut = 'TimedOutError'
const unavailable = 'UnavailableError'

/** Every way in which a provider misbehaves. */
export const hostileAnswers: readonly HostileAnswer[] = [
  { attack: 'wrong bytes', answer: sends(blocks => blocks.with(-1, damaged(blocks.at(-1)!))), error: corrupt, fault: /do not hash/ },
  { attack: 'wrong order', answer: sends(([root, first, second, ...rest]) => [root!, second!, first!, ...rest]), error: corrupt, fault: /has to come/ },
  { attack: 'an extra block', answer: sends(blocks => [...blocks, foreign]), error: undefined },
  { attack: 'an extra block in the middle', answer: sends(blocks => blocks.toSpliced(2, 0, foreign)), error: corrupt, fault: /has to come/ },
  { attack: 'a missing block', answer: sends(blocks => blocks.toSpliced(3, 1)), error: corrupt, fault: /has to come/ },
  { attack: 'a missing end', answer: sends(blocks => blocks.slice(0, -1)), error: corrupt, fault: /ended its answer before/ },
  { attack: 'an identity hash for a block', answer: sends(blocks => blocks.with(1, identityOf(blocks[1]!))), error: corrupt, fault: /has to come/ },
  { attack: 'a CAR of another root', answer: dag => sendsFor(() => [headerOf(dag), data(encodeCarHeader(foreign.cid), sections(...dag.blocks)), end]), error: corrupt, fault: /CAR of another root/ },
  { attack: 'a truncated stream', answer: sendsBytes(dag => [headerOf(dag), data(carOf(dag, dag.blocks)).subarray(0, -100)], closes), error: unavailable, fault: /ended its stream/ },
  { attack: 'a stall in a block', answer: sendsBytes(dag => [headerOf(dag), data(carOf(dag, dag.blocks)).subarray(0, 500)]), error: timedOut, fault: /sent nothing of use/, isSilent: true },
  { attack: 'one byte a second', answer: sendsBytes(dag => [headerOf(dag)], drips), error: timedOut, fault: /sent nothing of use/, isSilent: true },
  { attack: 'two kilobytes a second of a large block', answer: sendsBytes(dag => [headerOf(dag), data(encodeCarHeader(dag.root), encodeCarSectionHead(dag.root, blockBytesMax))], trickles), error: timedOut, fault: /sent nothing of use/, isSilent: true },
  { attack: 'endless blocks', answer: sendsBytes(dag => [headerOf(dag)], pours(data(carOf({ root: foreign.cid, blocks: [], bytes: 0 }, [foreign])))), error: corrupt, fault: /another root/ },
  { attack: 'endless empty messages', answer: sendsBytes(dag => [headerOf(dag)], pours(new Uint8Array(65_536))), error: corrupt, fault: /bytes without a block/ },
  { attack: 'endless unknown fields', answer: sendsBytes(dag => [headerOf(dag)], pours(unknownField(60_000))), error: corrupt, fault: /bytes without a block/ },
  { attack: 'endless empty data', answer: sendsBytes(dag => [headerOf(dag)], pours(concat(Array.from({ length: 20_000 }, () => data())))), error: corrupt, fault: /bytes without a block/ },
  { attack: 'a size too small', answer: dag => sendsFor(() => [encodeHeader({ status: 'ok', size: 900 }), data(carOf(dag, dag.blocks)), end]), error: corrupt, fault: /announced 900 bytes and sent more/ },
  { attack: 'a size beyond all bounds', answer: dag => sendsFor(() => [encodeHeader({ status: 'ok', size: 2 ** 40 }), data(carOf(dag, dag.blocks)), end]), error: 'LimitExceededError', fault: /1099511627776/ },
  { attack: 'a size too large', answer: dag => sendsFor(() => [encodeHeader({ status: 'ok', size: 2 ** 30 }), data(carOf(dag, dag.blocks)), end]), error: undefined },
  { attack: 'drops every thousandth byte', answer: dag => sendsFor(() => [headerOf(dag), data(carOf(dag, dag.blocks).filter((_, at) => at % 1000 !== 999)), end]), error: corrupt, fault: /do not hash|cannot be read|has to come/ },
  { attack: 'breaks off after each 150 bytes', answer: breaksOff(150), error: unavailable, fault: /broke off/ },
  { attack: 'never reads', answer: () => async (stream) => { stream.pause(); await ended(stream) }, error: timedOut, fault: /did not answer/, isSilent: true },
  { attack: 'a second header', answer: sendsBytes(dag => [headerOf(dag), headerOf(dag)]), error: corrupt, fault: /second header/ },
  { attack: 'garbage for a message', answer: sendsBytes(() => [Uint8Array.of(3, 0xff, 0xff, 0xff)]), error: corrupt, fault: /cannot be read/ },
  { attack: 'a message of 64 MiB', answer: sendsBytes(() => [encodeVarint(dataBytesMax * 16)], pours(new Uint8Array(65_536))), error: corrupt, fault: /cannot be read/ },
  { attack: 'a huge header of a CAR', answer: sendsBytes(dag => [headerOf(dag), data(encodeVarint(carHeaderBytesMax + 1), noise(carHeaderBytesMax, 1))]), error: corrupt, fault: /cannot be read/ },
  { attack: 'a huge section', answer: sendsBytes(dag => [headerOf(dag), data(encodeCarHeader(dag.root), encodeVarint(2 ** 27))], pours(data(noise(60_000, 2)))), error: corrupt, fault: /cannot be read/ },
  { attack: 'a block over 2 MiB', answer: sendsBytes(dag => [headerOf(dag), data(encodeCarHeader(dag.root), encodeCarSectionHead(dag.root, blockBytesMax + 1))], pours(data(noise(60_000, 3)))), error: corrupt, fault: /cannot be read/ },
  { attack: 'garbage for statements', answer: dag => sendsFor(() => [garbageStatements(dag, statementsMax), data(carOf(dag, dag.blocks)), end]), error: undefined },
  { attack: 'too many statements', answer: dag => sendsFor(() => [garbageStatements(dag, statementsMax + 1), data(carOf(dag, dag.blocks)), end]), error: corrupt, fault: /cannot be read/ },
  { attack: 'a refusal and then more', answer: sendsBytes(() => [encodeHeader({ status: 'not-available' }), end]), error: corrupt, fault: /more after the end/ },
  { attack: 'says that it is busy, for ever', answer: sendsBytes(() => [encodeHeader({ status: 'busy', retryAfterMs: Number.MAX_SAFE_INTEGER })]), error: 'RefusedError', fault: /busy/, isSilent: true }
]

function garbageStatements ({ bytes }: Dag, count: number): Uint8Array {
  return encodeHeader({ status: 'ok', size: bytes, access: 'anyone', statements: Array.from({ length: count }, (_, at) => noise(statementBytesMax, at)) })
}

/** A message with a field that no version has yet. */
function unknownField (length: number): Uint8Array {
  const field = concat([Uint8Array.of(15 * 8 + 2), encodeVarint(length), noise(length, 4)])
  return concat([encodeVarint(field.length), field])
}
