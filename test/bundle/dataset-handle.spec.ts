import { describe, expect, it } from 'vitest'
import { openHandle } from '../../src/bundle/handle.ts'
import { noteInit, publishStored, testNode } from './fixtures.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'
import type { FileSource } from '../../src/interface/source.ts'

async function openDataset (...files: FileSource[]): Promise<{ bundle: DatasetBundle, publisher: string }> {
  const node = testNode(1)
  const publisher = node.identity.address
  const manifest = (): never => ({ format: 'cortensor-bundle', version: '1.0', kind: 'dataset', publisher, name: 'answers', datasetVersion: '1.2.3' }) as never
  return { bundle: await openHandle(node, await publishStored(node, noteInit(files, { manifest }))) as DatasetBundle, publisher }
}

describe('a handle on a dataset', () => {
  it('is named by publisher, name and version', async () => {
    const { bundle, publisher } = await openDataset({ name: 'data/x', text: '1' })
    expect(bundle.name).toBe(`${publisher}/answers@1.2.3`)
  })

  it('gives a file with its size, and any part of it', async () => {
    const { bundle } = await openDataset({ name: 'data/x.txt', text: '0123456789' })
    const file = await bundle.file('data/x.txt')
    expect([file.path, file.size, new TextDecoder().decode(await file.bytes({ offset: 3, length: 4 }))]).toEqual(['data/x.txt', 10, '3456'])
    expect((await Array.fromAsync(file.stream({ offset: 8 }))).map(piece => new TextDecoder().decode(piece)).join('')).toBe('89')
  })

  it.each(['data', 'data/none'])('refuses %s as a file', async path => {
    const { bundle } = await openDataset({ name: 'data/x', text: '1' })
    await expect(bundle.file(path)).rejects.toMatchObject({ name: 'FileNotFoundError' })
    await expect(bundle.table(path)).rejects.toMatchObject({ name: 'FileNotFoundError' })
  })

  it('opens a table', async () => {
    const { bundle } = await openDataset({ name: 'data/x.csv', text: 'a,b\n1,2\n3,4\n' })
    const table = await bundle.table('data/x.csv')
    expect(await Array.fromAsync(table.rows({ columns: ['b'], where: { a: '3' } }))).toEqual([{ b: '4' }])
  })
})
