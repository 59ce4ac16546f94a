import { describe, expect, it } from 'vitest'
import { encodeRowLineage } from '../../src/format/row-lineage.ts'
import { lineagePath } from '../../src/dataset/appended-parts.ts'
import { noteInit, publishStored, testNode } from '../bundle/fixtures.ts'
import { openHandle } from '../../src/bundle/handle.ts'
import { lineOf } from './appended.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'

const path = 'data/part-00001.parquet'
const lines = [lineOf(1, { path, rowGroup: 0, from: 0, to: 2 }), lineOf(2, { path, rowGroup: 0, from: 2, to: 3 })]

async function open (files: Record<string, string>): Promise<DatasetBundle> {
  const node = testNode(1)
  const publisher = node.identity.address
  const manifest = (): never => ({ format: 'cortensor-bundle', version: '1.0', kind: 'dataset', publisher, name: 'qa', datasetVersion: '1.0.0' }) as never
  const sources = Object.entries(files).map(([name, text]) => ({ name, text }))
  return await openHandle(node, await publishStored(node, noteInit(sources, { manifest }))) as DatasetBundle
}

describe('dataset.lineage', () => {
  it('says which rows of a table came from which result, in their order', async () => {
    const bundle = await open({ [path]: 'rows', [lineagePath(path)]: lines.map(encodeRowLineage).join('') })
    expect(await Array.fromAsync(bundle.lineage(path))).toEqual(lines)
  })

  it.each([
    ['a table that nothing was appended to', 'data/t.parquet', 'ask for a table that append() wrote'],
    ['a file that says it of another one', lineagePath(path), 'ask for a table that append() wrote'],
    ['a table beside which nothing says it', 'data/part-00002.parquet', 'ask for a table that append() wrote'],
    ['a path that is not there', 'data/part-00003.parquet', 'is not in the bundle'],
    ['a directory', 'data', 'is a directory']
  ])('refuses %s', async (_, other, message) => {
    const bundle = await open({ [path]: 'rows', [lineagePath(path)]: '', 'data/t.parquet': '', 'data/part-00002.parquet': '' })
    await expect(Array.fromAsync(bundle.lineage(other))).rejects.toMatchObject({
      name: 'FileNotFoundError', message: expect.stringContaining(message) as string, details: { path: other }
    })
  })

  it('refuses a line that is none, and names it', async () => {
    const bundle = await open({ [path]: 'rows', [lineagePath(path)]: `${lines.map(encodeRowLineage).join('')}{}\n` })
    await expect(Array.fromAsync(bundle.lineage(path))).rejects.toMatchObject({
      name: 'InvalidProvenanceError', details: { path: lineagePath(path), line: 3 }
    })
  })

  it('ends with its signal, and with its handle', async () => {
    const bundle = await open({ [path]: 'rows', [lineagePath(path)]: '' })
    await expect(Array.fromAsync(bundle.lineage(path, { signal: AbortSignal.abort(new Error('enough')) }))).rejects.toThrow('enough')
    await bundle.close()
    await expect(Array.fromAsync(bundle.lineage(path))).rejects.toMatchObject({ name: 'StoppedError' })
  })
})
