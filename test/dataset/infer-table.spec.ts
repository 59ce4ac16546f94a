import { describe, expect, it } from 'vitest'
import { inferTable } from '../../src/dataset/infer-table.ts'
import { inferBytesMax } from '../../src/limits.ts'
import { root } from '../audit/fixtures.ts'
import type { DescribedTable } from '../../src/dataset/described-table.ts'

async function infer (path: string, text: string): Promise<DescribedTable | undefined> {
  const content = {
    read: async function * (_: unknown, { length = Infinity } = {}) { yield await Promise.resolve(Buffer.from(text).subarray(0, length)) }
  }
  return await inferTable({ path, cid: root(path), bytes: BigInt(Buffer.byteLength(text)), sha256: '0x' }, content, {})
}
const types = async (path: string, text: string): Promise<unknown> => (await infer(path, text))?.fields.map(({ name, type }) => `${name}:${type}`)

describe('inferTable', () => {
  it('names the columns of CSV, and what is in them', async () => {
    expect(await types('data/a.csv', '\uFEFFid,score,on,ok,name\r\n1,1,2026-01-02,true,a\r\n2,1.5,2026-01-03,false,"b, ""c"""\r\n'))
      .toEqual(['id:sc:Integer', 'score:sc:Float', 'on:sc:Date', 'ok:sc:Boolean', 'name:sc:Text'])
    expect(await types('data/a.tsv', 'a\tb\n1\tx\n')).toEqual(['a:sc:Integer', 'b:sc:Text'])
  })

  it('names the columns of JSON Lines, and what is in them', async () => {
    expect(await types('data/a.jsonl', '{"a":1,"b":"x","c":null,"d":[1],"e":null}\n{"a":1.5,"b":true,"c":2}\n'))
      .toEqual(['a:sc:Float', 'b:sc:Text', 'c:sc:Integer', 'd:sc:StructuredValue', 'e:sc:Text'])
  })

  it('looks at the beginning only, and at no line that is cut off', async () => {
    const line = `{"a":"${'x'.repeat(1000)}"}\n`
    expect(await types('data/a.jsonl', line.repeat(Math.ceil(2 * inferBytesMax / line.length)))).toEqual(['a:sc:Text'])
  })

  it('names the line of JSON Lines that is not JSON', async () => {
    await expect(infer('data/a.jsonl', '{"a":1}\n{"a":\n')).rejects.toMatchObject({ name: 'InvalidArgumentError', details: { line: 2, path: 'data/a.jsonl' } })
  })

  it.each([['data/a.bin', 'a,b'], ['data/a.csv', ''], ['data/a.csv', 'a,a\n1,2'], ['data/a.csv', 'a,\n1,2'], ['data/a.jsonl', '[1]\n'], ['data/a.jsonl', '']])(
    'finds no table in %s of %j', async (path, text) => { expect(await infer(path, text)).toBeUndefined() })
})
