import { expect, test } from 'vitest'
import { extensionOf, mediaTypeOf } from '../../src/dataset/media-type.ts'

test.each([['data/a.CSV', 'csv'], ['data/a.b/c', ''], ['data/.hidden', ''], ['data/a.tar.gz', 'gz']])('%s ends in %j', (path, extension) => {
  expect(extensionOf(path)).toBe(extension)
})

test.each([['jsonl', 'application/jsonlines'], ['parquet', 'application/x-parquet'], ['', 'application/octet-stream'], ['constructor', 'application/octet-stream']])('%j is %s', (extension, type) => {
  expect(mediaTypeOf(extension)).toBe(type)
})
