import { decodeAnchorReceipts, encodeAnchorReceipts } from '../../../src/format/anchor-receipts.ts'
import { decodeAnchorRecord, encodeAnchorRecord } from '../../../src/format/anchor-record.ts'
import { fromBase64 } from '../../../src/format/base64.ts'
import { encodeCanonicalJson } from '../../../src/format/canonical-json.ts'
import { fromHex } from '../../../src/format/hex.ts'
import { decodeProvenance, encodeProvenance } from '../../../src/format/provenance.ts'
import { decodeRowProof, encodeRowProof } from '../../../src/format/row-proof.ts'
import { decodeRowsHead, decodeTableRows, encodeRowsHead, encodeTableRows } from '../../../src/format/table-rows.ts'
import { decodeVerdicts } from '../../../src/format/verdicts.ts'
import { readVectors } from '../../format/vectors.ts'
import type { AnchorRecord } from '../../../src/format/anchor-record.ts'
import type { RowProof } from '../../../src/format/row-proof.ts'
import type { RowsHead, TableRows } from '../../../src/format/table-rows.ts'
import type { AnchorReceipt } from '../../../src/interface/anchor.ts'
import type { Hex, JsonValue } from '../../../src/interface/primitives.ts'
import type { Provenance } from '../../../src/interface/provenance.ts'
import type { Fuzzed } from './decoders.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const hex = (byte: string, bytes: number): Hex => `0x${byte.repeat(bytes)}`

const receipt: AnchorReceipt = { digest: hex('11', 32), anchor: 'eip155:1:0x00', blockNumber: '7', blockHash: hex('22', 32), time: '60' }
const receipts = [receipt, { ...receipt, transaction: hex('33', 32), gasUsed: '21000' }]

const verdict = { miner: hex('44', 20), ref: 'bafy', status: 'ok', reason: 'as it should be', content: hex('55', 32), digest: hex('66', 32) }
const verdicts: JsonValue[] = [
  { verdicts: [], agreements: [] },
  {
    verdicts: [verdict, { miner: 'x', ref: '', status: 'malformed', reason: 'none', expected: '0x', actual: '0x00', copiedFrom: hex('77', 20) }],
    agreements: [{ content: hex('55', 32), miners: [hex('44', 20)] }],
    comparisons: [{ contents: [hex('55', 32), hex('88', 32)], score: 0.5 }, { contents: [hex('88', 32), hex('55', 32)], error: 'late' }],
    scores: { more: [1] }
  }
]

/** Decoders of what evidence and datasets say beside their blocks. All of it has one form. */
export function evidenceDecoders (): Fuzzed[] {
  const records = readVectors('anchor-record') as { valid: { bytes: Hex }[] }
  const { provenances } = readVectors('provenance') as { provenances: { text: string }[] }
  const proofs = readVectors('row-proof') as { valid: { proof: string }[] }
  const rows = readVectors('table-rows') as Record<'heads' | 'tables', { text: string }[]>
  const fuzzed: Omit<Fuzzed, 'isCanonical'>[] = [
    {
      what: 'records of anchors', samples: records.valid.map(({ bytes }) => fromHex(bytes)),
      decode: decodeAnchorRecord, encode: value => encodeAnchorRecord(value as AnchorRecord)
    },
    {
      what: 'receipts of anchors', samples: [[], [receipt], receipts].map(encodeAnchorReceipts),
      decode: decodeAnchorReceipts, encode: value => encodeAnchorReceipts(value as AnchorReceipt[])
    },
    { what: 'verdicts', samples: verdicts.map(encodeCanonicalJson), decode: decodeVerdicts, encode: value => encodeCanonicalJson(value as JsonValue) },
    {
      what: 'provenances', samples: provenances.map(({ text }) => bytes(text)),
      decode: decodeProvenance, encode: value => encodeProvenance(value as Provenance)
    },
    {
      what: 'proofs of rows', samples: proofs.valid.map(({ proof }) => fromBase64(proof) ?? new Uint8Array()),
      decode: decodeRowProof, encode: value => encodeRowProof(value as RowProof)
    },
    { what: 'heads of rows', samples: rows.heads.map(({ text }) => bytes(text)), decode: decodeRowsHead, encode: value => encodeRowsHead(value as RowsHead) },
    { what: 'rows of tables', samples: rows.tables.map(({ text }) => bytes(text)), decode: decodeTableRows, encode: value => encodeTableRows(value as TableRows) }
  ]
  return fuzzed.map(each => ({ ...each, isCanonical: true }))
}
