import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cidOfBlock } from '../../src/bundle/dag-pb-block.ts'
import { SourceList } from '../../src/bundle/source-list.ts'
import { openSourcePath } from '../../src/bundle/source-path.ts'
import type { SourceEntry } from '../../src/bundle/source-entry.ts'

test('gives what was put in, in its order and as often as it is asked, and opens the files that were found on disk', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'datanode-list-'))
  try {
    await mkdir(join(directory, 'b'))
    for (const name of ['a', 'b/c', 'b/d', 'e']) await writeFile(join(directory, name), name)
    const cid = cidOfBlock(0x55, Uint8Array.of(1))
    const entries: SourceEntry[] = [{ type: 'link', path: 'link', cid }, ...await Array.fromAsync(openSourcePath(directory, 'n', 100))]
    entries.push(...await Array.fromAsync(openSourcePath(join(directory, 'a'), 'other', 1)))
    const list = new SourceList()
    for (const entry of entries) list.push(entry)
    for (const given of [[...list], [...list]]) {
      expect(given.map(({ type, path }) => [type, path])).toEqual(entries.map(({ type, path }) => [type, path]))
    }
    const texts = await Promise.all([...list].map(async entry => entry.type === 'file' ? await textOf(entry) : undefined))
    expect(texts).toEqual([undefined, undefined, 'a', undefined, 'b/c', 'b/d', 'e', 'a'])
    expect(list.links).toEqual([cid])
  } finally {
    await rm(directory, { recursive: true })
  }
})

async function textOf (entry: SourceEntry & { type: 'file' }): Promise<string> {
  return Buffer.concat(await Array.fromAsync(entry.open({}), piece => Buffer.from(piece))).toString()
}
