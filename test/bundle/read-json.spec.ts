import { expect, test } from 'vitest'
import { readJson } from '../../src/bundle/read-json.ts'
import { FileNotFoundError, InvalidManifestError, LimitExceededError } from '../../src/errors.ts'
import { jsonDepthMax, manifestBytesMax } from '../../src/limits.ts'
import { TestDag } from './dags.ts'

async function read (text: string, path = 'a.json'): Promise<unknown> {
  const dag = new TestDag()
  const root = await dag.openDirectory(dag.directory([{ name: 'a.json', cid: dag.raw(text), size: text.length }, { name: 'd', cid: dag.directory([]) }]))
  return readJson(dag.reader, root, path)
}

test('reads canonical JSON', async () => {
  expect(await read('{"a":[1,null]}')).toEqual({ a: [1, null] })
})

test.for(['{ "a": 1 }', '{"a":1,"a":2}', '{"b":1,"a":2}', '1.0', '', 'x', '{"__proto__":1}'])('refuses %j', async text => {
  await expect(read(text)).rejects.toThrow(InvalidManifestError)
})

test('bounds size and depth', async () => {
  const text = (length: number): string => `"${'x'.repeat(length - 2)}"`
  await expect(read(text(manifestBytesMax))).resolves.toBeDefined()
  await expect(read(text(manifestBytesMax + 1))).rejects.toThrow(LimitExceededError)
  const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  await expect(read(nested(jsonDepthMax))).resolves.toBeDefined()
  await expect(read(nested(jsonDepthMax + 1))).rejects.toThrow(LimitExceededError)
})

test('says what is not there', async () => {
  await expect(read('1', 'b.json')).rejects.toThrow(FileNotFoundError)
  await expect(read('1', 'd')).rejects.toThrow(FileNotFoundError)
})
