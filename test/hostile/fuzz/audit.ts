import { decodeAuditKey, encodeAuditKey } from '../../../src/format/audit-key.ts'
import { decodeCheckpoint, encodeCheckpoint } from '../../../src/format/checkpoint.ts'
import { decodeDelegation, encodeDelegation } from '../../../src/format/delegation.ts'
import { decodeFork, encodeFork } from '../../../src/format/fork.ts'
import { fromHex } from '../../../src/format/hex.ts'
import { decodeSeenCheckpoint, encodeSeenCheckpoint } from '../../../src/format/seen-checkpoint.ts'
import { decodeNote, encodeNote } from '../../../src/format/signed-note.ts'
import { decodeEntries, decodeTile, encodeEntries, encodeTile, formatTilePath, parseTilePath } from '../../../src/format/tlog-tile.ts'
import { decodeTlogProof, encodeTlogProof } from '../../../src/format/tlog-proof.ts'
import { readVectors } from '../../format/vectors.ts'
import type { AuditKey } from '../../../src/format/audit-key.ts'
import type { Checkpoint } from '../../../src/format/checkpoint.ts'
import type { Delegation } from '../../../src/interface/delegation.ts'
import type { Fork } from '../../../src/format/fork.ts'
import type { Hex } from '../../../src/interface/primitives.ts'
import type { SeenCheckpoint } from '../../../src/format/seen-checkpoint.ts'
import type { SignedNote } from '../../../src/format/signed-note.ts'
import type { TileName } from '../../../src/format/tlog-tile.ts'
import type { TlogProof } from '../../../src/format/tlog-proof.ts'
import type { Fuzzed } from './decoders.ts'

const text = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const items = [1, 2, 5].map(count => Array.from({ length: count }, (_, n) => new Uint8Array(32).fill(n + 1)))

/** Valid bytes of a format, none of them so long that changes would miss what matters. */
function samplesOf (name: string): Uint8Array[] {
  const { valid } = readVectors(name) as { valid: { bytes: Hex }[] }
  return valid.map(({ bytes }) => fromHex(bytes)).filter(({ length }) => length < 2048)
}

/** Decoders of what an audit trail consists of. All of it has one form. */
export function auditDecoders (): Fuzzed[] {
  const { valid: checkpoints } = readVectors('checkpoint') as { valid: { text: string }[] }
  const { names } = readVectors('tlog-tile') as { names: { path: string }[] }
  const fuzzed: Omit<Fuzzed, 'isCanonical'>[] = [
    { what: 'signed notes', samples: samplesOf('signed-note'), decode: decodeNote, encode: value => encodeNote(value as SignedNote) },
    {
      what: 'checkpoints', samples: checkpoints.map(({ text }) => bytes(text)),
      // What is not UTF-8 has other bytes once it is text, and never reaches this decoder.
      decode: input => decodeCheckpoint(isUtf8(input) ? text(input) : ''), encode: value => bytes(encodeCheckpoint(value as Checkpoint))
    },
    { what: 'audit keys', samples: samplesOf('audit-key'), decode: decodeAuditKey, encode: value => encodeAuditKey(value as AuditKey) },
    { what: 'proofs', samples: samplesOf('tlog-proof'), decode: decodeTlogProof, encode: value => encodeTlogProof(value as TlogProof) },
    {
      what: 'seen checkpoints', samples: samplesOf('seen-checkpoint'),
      decode: decodeSeenCheckpoint, encode: value => encodeSeenCheckpoint(value as SeenCheckpoint)
    },
    { what: 'delegations', samples: samplesOf('delegation'), decode: decodeDelegation, encode: value => encodeDelegation(value as Delegation) },
    { what: 'forks', samples: samplesOf('fork'), decode: decodeFork, encode: value => encodeFork(value as Fork) },
    { what: 'tiles', samples: items.map(encodeTile), decode: decodeTile, encode: value => encodeTile(value as Uint8Array[]) },
    { what: 'entries', samples: items.map(encodeEntries), decode: decodeEntries, encode: value => encodeEntries(value as Uint8Array[]) },
    {
      what: 'names of tiles', samples: names.map(({ path }) => bytes(path)),
      decode: input => parseTilePath(text(input)), encode: value => bytes(formatTilePath(value as TileName))
    }
  ]
  return fuzzed.map(each => ({ ...each, isCanonical: true }))
}

function isUtf8 (input: Uint8Array): boolean {
  return Buffer.compare(input, bytes(text(input))) === 0
}
