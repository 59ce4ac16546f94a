import { describe, expect, it } from 'vitest'
import { measureRows } from '../../src/dataset/row-trees.ts'
import { decodeRowsHead, decodeTableRows } from '../../src/format/table-rows.ts'
import { fromHex } from '../../src/format/hex.ts'
import { GrowingTree } from '../../src/merkle/growing-tree.ts'
import { textSource } from './parquet-files.ts'
import { provableFiles, publishDataset } from './provable.ts'

const encoded = (text: string): Uint8Array => new TextEncoder().encode(text)

function rootOf (entries: readonly Uint8Array[]): Uint8Array {
  const tree = new GrowingTree()
  for (const entry of entries) tree.append(entry)
  return tree.root
}

describe('measureRows', () => {
  it('makes the tree of the rows of a table', async () => {
    const { rows } = await measureRows(textSource('a.csv', 'x,y\n1,2\n3,4\n'), 'cid') ?? {}
    expect(rows).toMatchObject({ path: 'a.csv', cid: 'cid', table: 'csv', rows: 2, header: 'x,y' })
    expect(fromHex(rows?.root ?? '')).toEqual(rootOf([encoded('1,2'), encoded('3,4')]))
  })

  it('says nothing of what is no table', async () => {
    expect(await measureRows(textSource('a.txt', ''), 'cid')).toBeUndefined()
  })
})

describe('a dataset published with provable', () => {
  it('has a line for each table in the order of paths, and the head of the tree of these lines', async () => {
    const dataset = await publishDataset(provableFiles, { provable: true })
    const lines = new TextDecoder().decode(await dataset.bytes('rows.jsonl')).trimEnd().split('\n')
    expect(lines.map(line => decodeTableRows(encoded(line)).path)).toEqual(['data/numbers.parquet', 'data/people.csv', 'data/qa.jsonl'])
    const { tables, root } = decodeRowsHead(await dataset.bytes('rows.json'))
    expect([tables, fromHex(root)]).toEqual([3, rootOf(lines.map(encoded))])
  })

  it('has neither when it has no tables, and without provable', async () => {
    for (const dataset of [await publishDataset([{ name: 'a.txt', text: '' }], { provable: true }), await publishDataset(provableFiles)]) {
      await expect(dataset.file('rows.json')).rejects.toMatchObject({ name: 'FileNotFoundError' })
    }
  })

  it('is not published when a table has a bad line', async () => {
    const files = [{ name: 'bad.jsonl', text: '{}\n{' }]
    await expect(publishDataset(files, { provable: true })).rejects.toMatchObject({ name: 'InvalidTableError', details: { path: 'data/bad.jsonl', line: 2 } })
  })
})
