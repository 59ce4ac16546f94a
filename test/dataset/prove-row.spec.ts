import { describe, expect, it } from 'vitest'
import { FileNotFoundError } from '../../src/errors.ts'
import { verifyRow } from '../../src/dataset/verify-row.ts'
import { provableFiles, publishDataset } from './provable.ts'
import { proveRow } from '../../src/dataset/prove-row.ts'
import { decodeRowProof } from '../../src/format/row-proof.ts'
import type { DatasetFile, ProvableDataset } from '../../src/interface/table.ts'

describe('proveRow', () => {
  it('proves every row of JSON Lines and CSV, and rows of Parquet, in a few KiB', async () => {
    const dataset = await publishDataset(provableFiles, { provable: true })
    for (const [path, indexes] of [['data/qa.jsonl', [0, 1, 2, 3, 4]], ['data/people.csv', [0, 1, 2]], ['data/numbers.parquet', [0, 4_321, 9_999]]] as const) {
      for (const index of indexes) {
        const proof = await dataset.proveRow(path, index)
        expect(proof.byteLength).toBeLessThan(4_096)
        expect(verifyRow(proof, dataset.urn)).toMatchObject({ path, index, file: (await dataset.file(path)).cid.toString() })
      }
    }
  })

  it('says what the row is', async () => {
    const dataset = await publishDataset(provableFiles, { provable: true })
    expect(verifyRow(await dataset.proveRow('data/qa.jsonl', 3), dataset.cid)).toMatchObject({ format: 'jsonl', rows: 5, text: '{"n": 3, "q": "é"}', values: { n: 3, q: 'é' } })
    expect(verifyRow(await dataset.proveRow('data/people.csv', 1), dataset.cid)).toMatchObject({ rows: 3, text: '2,"Bo\nb"', values: { id: '2', 'full "name"': 'Bo\nb' } })
    expect(verifyRow(await dataset.proveRow('data/numbers.parquet', 7), dataset.cid)).toMatchObject({ rows: 10_000, values: { id: 7, name: 'row 7', score: 3.5 } })
  })

  it('reads once what the version says of its tables', async () => {
    const dataset = await publishDataset(provableFiles, { provable: true })
    const { root } = decodeRowProof(await dataset.proveRow('data/qa.jsonl', 0))
    for (const path of ['data/numbers.parquet', 'data/people.csv', 'data/qa.jsonl']) {
      const streamed: string[] = []
      const counted: ProvableDataset = {
        cid: dataset.cid,
        file: async (path): Promise<DatasetFile> => {
          const file = await dataset.file(path)
          return { ...file, stream: options => { streamed.push(path); return file.stream(options) } }
        }
      }
      expect(await proveRow(counted, root, { path, index: 2 })).toEqual(await dataset.proveRow(path, 2))
      expect(streamed.filter(path => path === 'rows.jsonl')).toEqual(['rows.jsonl'])
    }
  })

  it('refuses what cannot be proven', async () => {
    const dataset = await publishDataset(provableFiles, { provable: true })
    await expect(dataset.proveRow('data/qa.jsonl', 5)).rejects.toMatchObject({ name: 'InvalidArgumentError', message: 'row must be below the 5 that data/qa.jsonl has, and is 5' })
    await expect(dataset.proveRow('data/qa.jsonl', -1)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    await expect(dataset.proveRow('data/notes.txt', 0)).rejects.toMatchObject({ name: 'FileNotFoundError', message: 'data/notes.txt is no table of the dataset' })
    const plain = await publishDataset(provableFiles)
    await expect(plain.proveRow('data/qa.jsonl', 0)).rejects.toMatchObject({ name: 'FileNotFoundError', details: { path: 'rows.json' } })
  })

  it('refuses to prove what the publisher said wrongly', async () => {
    const dataset = await publishDataset(provableFiles, { provable: true })
    const other = await publishDataset([{ name: 'qa.jsonl', text: '{"n": 9}\n'.repeat(5) }])
    const lying: ProvableDataset = {
      cid: dataset.cid,
      file: async (path): Promise<DatasetFile> => await (path.startsWith('data/') ? other : dataset).file(path)
    }
    await expect(proveRow(lying, new Uint8Array(0), { path: 'data/qa.jsonl', index: 0 })).rejects.toMatchObject({ name: 'MismatchError', details: { path: 'data/qa.jsonl' } })
  })

  it('proves a row of a version that keeps nothing of its trees, and of one whose word for them is wrong none', async () => {
    const dataset = await publishDataset(provableFiles, { provable: true })
    const { root } = decodeRowProof(await dataset.proveRow('data/qa.jsonl', 0))
    const without = (tiles: ProvableDataset['file']): ProvableDataset => ({
      cid: dataset.cid,
      file: async (path): Promise<DatasetFile> => await (path === 'rows.tiles' ? tiles(path) : dataset.file(path))
    })
    const row = { path: 'data/numbers.parquet', index: 300 }
    const absent = without(async () => { throw await Promise.resolve(new FileNotFoundError('none')) })
    expect(await proveRow(absent, root, row)).toEqual(await dataset.proveRow(row.path, row.index))
    const wrong = without(async path => {
      const file = await dataset.file(path)
      return { ...file, bytes: async options => (await file.bytes(options)).map(byte => byte ^ 1) }
    })
    await expect(proveRow(wrong, root, row)).rejects.toMatchObject({ name: 'MismatchError', cause: { name: 'ProofMismatchError' } })
    const reason = new Error('enough')
    const aborted = without(async () => { throw await Promise.resolve(reason) })
    await expect(proveRow(aborted, root, row)).rejects.toBe(reason)
  })
})
