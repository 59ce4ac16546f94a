import { expect, it } from 'vitest'
import { chunkings } from '../../src/bundle/chunkings.ts'
import { contentChunksOf } from '../../src/bundle/content-chunks.ts'
import { pageChunksOf } from '../../src/bundle/page-chunks.ts'

it('every scheme that a manifest was ever written with still cuts as it did', () => {
  expect([...chunkings]).toEqual([['gear-1', contentChunksOf], ['gear-2', pageChunksOf]])
})
