import { decodeCanonicalJson, encodeCanonicalJson } from '../../../src/format/canonical-json.ts'
import { cidOf } from '../../../src/format/digest.ts'
import { decodeManifest, encodeManifest } from '../../../src/format/manifest.ts'
import { formatTicket, formatUrn, parseReference } from '../../../src/format/reference.ts'
import { decodeStatement, encodeStatement } from '../../../src/format/statement.ts'
import { parseMultiaddr } from '../../../src/network/router-address.ts'
import { auditDecoders } from './audit.ts'
import { evidenceDecoders } from './evidence.ts'
import { messageDecoders } from './messages.ts'
import { protocolDecoders } from './protocols.ts'
import { tableDecoders } from './tables.ts'
import type { Random } from '../../faults/random.ts'
import type { Manifest } from '../../../src/interface/manifest.ts'
import type { JsonValue } from '../../../src/interface/primitives.ts'
import type { Statement } from '../../../src/interface/statement.ts'
import type { ParsedReference } from '../../../src/format/reference.ts'

/** A decoder, and the encoder that goes with it. */
export interface Fuzzed {
  what: string
  samples: readonly Uint8Array[]
  decode: (bytes: Uint8Array) => unknown
  encode: (value: unknown) => Uint8Array
  /** What it accepts is the only form of what it says. */
  isCanonical?: boolean
}

const hex = (byte: string, bytes: number): `0x${string}` => `0x${byte.repeat(bytes)}`
const root = cidOf(hex('ab', 32))
const task = { chainId: '42161', queue: hex('c0', 20), sessionId: '7', taskId: '115792089237316195423570985008687907853269984665640564039457584007913129639935' }
const session = { chainId: task.chainId, queue: task.queue, sessionId: task.sessionId }
const common = { format: 'cortensor-bundle', version: '1.0' } as const

const manifests = [
  { ...common, kind: 'task', session, clientReference: 'é \u2028 ?', nonce: hex('11', 32) },
  { ...common, kind: 'result', answers: root.toString(), task, miner: hex('22', 20), nonce: hex('33', 32), model: { name: 'm', digest: 'd' } },
  { ...common, kind: 'dataset', publisher: hex('44', 20), name: 'set', datasetVersion: '1.2.3', previous: root.toString() },
  { ...common, version: '1.7', kind: 'other', more: [1, -0.5, 1e21, true, null, { deep: [[[]]] }] }
] as unknown as Manifest[]

const statements: Statement[] = [task, undefined].map(task => ({
  kind: 'result', root: hex('ab', 32), answers: hex('cd', 32), ...(task === undefined ? {} : { task }), access: 'anyone', salt: hex('ef', 32), time: '1700000000', signature: hex('1b', 65)
}))

const providers = ['/ip4/192.0.2.1/tcp/9100/p2p/16Uiu2HAkzaQhVDjc8yGcMm5Dx1aier64p2q5GyYVd7dQXQd1E6Dg', '/dns4/router.example/tcp/9100']
const values: JsonValue[] = [{ a: [1, 2.5, 'x\u0001"\\'], b: { 'é': null, '\u{1f600}': true } }, [[], {}, -0.000001, 1e300], 'text', 0]

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Every decoder of bytes or text that strangers make. */
export function decoders (random: Random): Fuzzed[] {
  return [
    { what: 'manifests', samples: manifests.map(encodeManifest), decode: decodeManifest, encode: value => encodeManifest(value as Manifest), isCanonical: true },
    { what: 'statements', samples: statements.map(encodeStatement), decode: decodeStatement, encode: value => encodeStatement(value as Statement), isCanonical: true },
    {
      what: 'canonical JSON', samples: values.map(encodeCanonicalJson), decode: bytes => decodeCanonicalJson(bytes, { bytesMax: 4096 }),
      encode: value => encodeCanonicalJson(value as JsonValue), isCanonical: true
    },
    {
      what: 'references', samples: [root.toString(), formatUrn(root), `/ipfs/${root.toString()}/`, `ipfs://${root.toString()}`].map(bytes),
      decode: bytes => parseReference(text(bytes)), encode: value => bytes(formatUrn((value as ParsedReference).cid))
    },
    {
      what: 'tickets', samples: [[], providers.slice(0, 1), providers].map(list => bytes(formatTicket(root, list))),
      decode: bytes => parseReference(text(bytes)),
      encode: (value) => {
        const { cid, providers } = value as ParsedReference
        return bytes(formatTicket(cid, providers))
      }
    },
    { what: 'addresses of providers', samples: providers.map(bytes), decode: bytes => parseMultiaddr(text(bytes)).toString(), encode: value => bytes(value as string) },
    ...auditDecoders(),
    ...evidenceDecoders(),
    ...messageDecoders(random),
    ...protocolDecoders(),
    ...tableDecoders()
  ]
}
