import { describe, expect, it } from 'vitest'
import { verifyRow } from '../../src/dataset/verify-row.ts'
import { decodeRowProof, encodeRowProof } from '../../src/format/row-proof.ts'
import { readVectors } from '../format/vectors.ts'
import { fromBase64 } from '../../src/format/base64.ts'
import { provableFiles, publishDataset } from './provable.ts'
import type { RowProof } from '../../src/format/row-proof.ts'

const vectors = readVectors('row-proof') as { valid: { name: string, root: string, proof: string, values: unknown }[] }

const dataset = await publishDataset(provableFiles, { provable: true })
const proof = await dataset.proveRow('data/qa.jsonl', 2)
const decoded = decodeRowProof(proof)
const verify = (change: Partial<RowProof>): unknown => verifyRow(encodeRowProof({ ...decoded, ...change }), dataset.cid)
const flipped = (bytes: Uint8Array | undefined): Uint8Array => Uint8Array.from(bytes ?? [], (byte, at) => at === 3 ? byte ^ 1 : byte)

describe('verifyRow', () => {
  it.each(vectors.valid)('accepts $name', ({ root, proof, values }) => {
    expect(verifyRow(fromBase64(proof) ?? new Uint8Array(0), root).values).toEqual(values)
  })

  it('refuses the proof of another version', async () => {
    const other = await publishDataset(provableFiles, { provable: true, version: '1.0.1' })
    expect(() => verifyRow(proof, other.cid)).toThrow(expect.objectContaining({ name: 'ProofMismatchError' }))
  })

  it.each<[string, Partial<RowProof>]>([
    ['row', { row: '{"n": 9, "q": "é"}' }],
    ['place of the row', { index: 3 }],
    ['hash beside the row', { hashes: decoded.hashes.map((hash, at) => at === 1 ? flipped(hash) : hash) }],
    ['table', { table: { ...decoded.table, path: 'data/other.jsonl' } }],
    ['file', { table: { ...decoded.table, cid: 'bafkqaaa' } }],
    ['number of rows', { table: { ...decoded.table, rows: 6 } }],
    ['root block', { root: flipped(decoded.root) }],
    ['block of rows.json', { head: flipped(decoded.head) }]
  ])('refuses a proof with another %s', (_, change) => {
    expect(() => verify(change)).toThrow(expect.objectContaining({ name: 'ProofMismatchError' }))
    expect(() => verify({})).not.toThrow()
  })

  it.each<[string, Partial<RowProof>]>([
    ['too few hashes', { hashes: decoded.hashes.slice(1) }],
    ['too many hashes', { hashes: [...decoded.hashes, new Uint8Array(32)] }],
    ['a row that the table does not have', { index: 5 }],
    ['another place of the table', { tableIndex: 0 }]
  ])('refuses a proof with %s', (_, change) => {
    expect(() => verify(change)).toThrow(expect.objectContaining({ name: 'InvalidProofError' }))
  })

  it('refuses a root that is no reference, and bytes that are no proof', () => {
    expect(() => verifyRow(proof, 'nothing')).toThrow(expect.objectContaining({ name: 'InvalidReferenceError' }))
    expect(() => verifyRow(new Uint8Array(3), dataset.cid)).toThrow(expect.objectContaining({ name: 'InvalidProofError' }))
  })
})
