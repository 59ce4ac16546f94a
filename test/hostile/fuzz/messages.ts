import { encode } from '@ipld/dag-cbor'
import { CarDecoder } from '../../../src/format/car.ts'
import { encodeCarHeader, encodeCarSectionHead } from '../../../src/format/car-sections.ts'
import { dagPbCodec, linksOf } from '../../../src/format/dag-links.ts'
import { AnswerReader, RequestReader } from '../../../src/format/message-reader.ts'
import { encodeDataHead, encodeEnd, encodeHeader, encodeRequest } from '../../../src/format/messages.ts'
import { packLinks } from '../../../src/format/pack-links.ts'
import { concat, encodeBytesField, encodeNumberField } from '../../../src/format/protobuf.ts'
import { encodeVarint } from '../../../src/format/varint.ts'
import { cidOfBlock } from '../../../src/bundle/dag-pb-block.ts'
import { encodeShardData } from '../../../src/bundle/unixfs-data.ts'
import { decodeUnixfs } from '../../../src/bundle/unixfs-node.ts'
import { branch, flatDag, leaf } from '../../format/dags.ts'
import { TestDag } from '../../bundle/dags.ts'
import { carOf } from '../../transfer/http-support.ts'
import { cutAnywhere } from './mutate.ts'
import type { Random } from '../../faults/random.ts'
import type { CID } from 'multiformats/cid'
import type { NamedLink, UnixfsNode } from '../../../src/bundle/unixfs-node.ts'
import type { DagAnswer } from '../../../src/format/messages.ts'
import type { Fuzzed } from './decoders.ts'

/** Data that came in several pieces is the same data. */
interface Joined { answers: DagAnswer[] }

interface Car { roots: readonly CID[], blocks: { cid: CID, bytes: Uint8Array }[] }

const dag = flatDag(4, 60)
const name = cidOfBlock(dagPbCodec, new Uint8Array())
const directory = ['a', 'b b', 'é'].map((name, at) => ({ name, cid: leaf(String(at)).cid, size: at }))
const statement = new TextEncoder().encode('{"format":"cortensor-statement"}')

function unixfsSamples (): Uint8Array[] {
  const samples = new TestDag()
  samples.directory(directory)
  samples.file([{ cid: samples.raw('one'), size: 3 }, { cid: samples.raw('three'), size: 5 }], new Uint8Array(9))
  samples.shard([{ name: '0Ax', cid: samples.raw('x'), size: 1 }, { name: 'FF', cid: samples.raw('y'), size: 1 }])
  samples.unixfs({ type: 'symlink', data: new Uint8Array(4) })
  samples.unixfs({ type: 'raw', data: new Uint8Array(4) })
  return [...samples.blocks.values()]
}

function readAnswers (pieces: readonly Uint8Array[]): Joined {
  const reader = new AnswerReader()
  const answers: DagAnswer[] = []
  for (const piece of pieces) {
    for (const answer of reader.read(piece)) {
      const last = answers.at(-1)
      if (answer.type === 'data' && last?.type === 'data') last.bytes = concat([last.bytes, answer.bytes])
      else answers.push({ ...answer })
    }
  }
  return { answers }
}

function encodeAnswer (answer: DagAnswer): Uint8Array {
  if (answer.type === 'header') return encodeHeader(answer.header)
  return answer.type === 'end' ? encodeEnd(answer.status) : concat([encodeDataHead(answer.bytes.length), answer.bytes])
}

function packedLinksOf (bytes: Uint8Array): CID[] {
  const links = packLinks(name, bytes)
  return Array.from({ length: links.length }, (_, at) => links.at(at)).flatMap(link => link ?? [])
}

function readCar (pieces: readonly Uint8Array[]): Car {
  const car = new CarDecoder()
  const blocks = pieces.flatMap(piece => car.push(piece)).map(({ cid, bytes }) => ({ cid, bytes }))
  car.end()
  return { roots: car.roots ?? [], blocks }
}

function encodeCar ({ roots, blocks }: Car): Uint8Array {
  const header = encode({ roots: [...roots], version: 1 })
  const head = roots.length === 1 && roots[0] !== undefined ? encodeCarHeader(roots[0]) : concat([encodeVarint(header.length), header])
  return concat([head, ...blocks.flatMap(({ cid, bytes }) => [encodeCarSectionHead(cid, bytes.length), bytes])])
}

function encodeLink ({ name, cid, dagSize }: NamedLink): Uint8Array {
  const size = dagSize === undefined ? [] : [Uint8Array.of(3 * 8), encodeVarint(dagSize)]
  const link = [...encodeBytesField(1, cid.bytes), ...encodeBytesField(2, new TextEncoder().encode(name)), ...size]
  return concat(encodeBytesField(2, concat(link)))
}

function encodeNode (links: readonly NamedLink[], data: Uint8Array): Uint8Array {
  return concat([...links.map(encodeLink), ...encodeBytesField(1, data)])
}

function encodeUnixfs (node: UnixfsNode): Uint8Array {
  if (node.type === 'directory') return encodeNode(node.links, concat(encodeNumberField(1, 1)))
  if (node.type === 'shard') {
    const digits = (2 ** node.bits - 1).toString(16).length
    const links = node.links.map(link => ({ ...link, name: link.slot.toString(16).toUpperCase().padStart(digits, '0') + link.name }))
    return encodeNode(links, encodeShardData(node.links.map(({ slot }) => slot), 2 ** node.bits))
  }
  const sizes = node.parts.flatMap(({ size }) => encodeNumberField(4, size))
  const data = concat([...encodeNumberField(1, 2), ...encodeBytesField(2, node.data), ...sizes])
  return encodeNode(node.parts.map(({ cid }) => ({ name: '', cid, dagSize: undefined })), data)
}

/** What comes from peers, in pieces of any size. */
export function messageDecoders (random: Random): Fuzzed[] {
  const position = [3, 0, 8192]
  return [
    {
      what: 'requests',
      samples: [
        encodeRequest({ root: dag.root, mode: 'all', from: [], to: undefined, since: [] }),
        encodeRequest({ root: dag.root, mode: 'leaves', from: position, to: [4], since: [3] })
      ],
      decode: (bytes) => { const reader = new RequestReader(); return cutAnywhere(bytes, random).flatMap(piece => reader.push(piece)) },
      encode: requests => concat((requests as Parameters<typeof encodeRequest>[0][]).map(encodeRequest))
    },
    {
      what: 'answers',
      samples: [
        concat([encodeHeader({ status: 'ok', size: 12_345, access: 'anyone', statements: [statement, statement] }), encodeDataHead(300), new Uint8Array(300), encodeEnd('ok')]),
        concat([encodeHeader({ status: 'busy', retryAfterMs: 1000 }), encodeEnd('not-available')]),
        concat([encodeHeader({ status: 'ok' }), encodeDataHead(70_000), new Uint8Array(5_000)])
      ],
      decode: bytes => readAnswers(cutAnywhere(bytes, random)),
      encode: joined => concat((joined as Joined).answers.map(encodeAnswer))
    },
    {
      what: 'CARs',
      samples: [carOf(dag, dag.blocks), carOf({ root: name }, []), encodeCar({ roots: [name, dag.root], blocks: dag.blocks.slice(0, 2) })],
      decode: bytes => readCar(cutAnywhere(bytes, random)),
      encode: car => encodeCar(car as Car)
    },
    {
      what: 'links of dag-pb',
      samples: [branch(dag.blocks, 'salt').bytes, branch([]).bytes, ...unixfsSamples()],
      decode: bytes => linksOf(name, bytes),
      encode: links => encodeNode((links as CID[]).map(cid => ({ name: '', cid, dagSize: undefined })), new Uint8Array())
    },
    {
      what: 'links of dag-pb, packed',
      samples: [branch(dag.blocks, 'salt').bytes, branch([]).bytes, ...unixfsSamples()],
      decode: bytes => packedLinksOf(bytes),
      encode: links => encodeNode((links as CID[]).map(cid => ({ name: '', cid, dagSize: undefined })), new Uint8Array())
    },
    { what: 'UnixFS nodes', samples: unixfsSamples(), decode: bytes => decodeUnixfs(name, bytes), encode: node => encodeUnixfs(node as UnixfsNode) }
  ]
}
