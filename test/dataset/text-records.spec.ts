import { describe, expect, it } from 'vitest'
import { textRecords } from '../../src/dataset/text-records.ts'
import { textSource } from './parquet-files.ts'

async function split (text: string, format: 'csv' | 'jsonl', pieceBytes?: number): Promise<[string, number][]> {
  const records = await Array.fromAsync(textRecords('a', textSource('a', text, pieceBytes).stream(), format))
  return records.map(({ bytes, line }) => [new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), line])
}

describe('textRecords', () => {
  it.each([1, 2, 3, 1000])('splits lines, however they come (%i bytes at a time)', async pieceBytes => {
    expect(await split('a\r\nb\n\nlast', 'jsonl', pieceBytes)).toEqual([['a', 1], ['b', 2], ['', 3], ['last', 4]])
    expect(await split('a,"1\n""2""\r\n"\r\nb\n', 'csv', pieceBytes)).toEqual([['a,"1\n""2""\r\n"', 1], ['b', 4]])
  })

  it('takes quotes for what they are only in CSV', async () => {
    expect(await split('"\n"\n', 'jsonl')).toEqual([['"', 1], ['"', 2]])
  })

  it('leaves out a byte order mark at the start of a CSV, and nowhere else', async () => {
    expect(await split('\ufeffa\n\ufeffb\n', 'csv', 1)).toEqual([['a', 1], ['\ufeffb', 2]])
    expect(await split('\ufeffa\n', 'jsonl')).toEqual([['\ufeffa', 1]])
  })

  it('gives nothing of nothing', async () => {
    expect(await split('', 'csv')).toEqual([])
  })

  it('refuses a row that is larger than is kept in memory, and names its line', async () => {
    const piece = new Uint8Array(1024 * 1024).fill(97)
    const pieces = async function * (): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode('a\n"')
      for (let sent = 0; sent < 100; sent++) yield piece
    }
    await expect(Array.fromAsync(textRecords('big.csv', pieces(), 'csv'))).rejects.toMatchObject({ name: 'LimitExceededError', details: { limit: 'rowBytesMax', line: 2, path: 'big.csv' } })
  })
})
