import { expect, test } from 'vitest'
import { readVectors } from '../format/vectors.ts'
import { importCase } from './import-case.ts'
import { contentBytes } from './unixfs-cases.ts'
import type { UnixfsTable } from './unixfs-cases.ts'

const { cases } = readVectors('unixfs') as UnixfsTable
const large = cases.filter(unixfs => contentBytes(unixfs) > 64 * 1024 * 1024)

test.for(large)('gives the same CID as Kubo for $name', async unixfs => {
  expect(await importCase(unixfs)).toBe(unixfs.cid)
})

test('has files of more than a gigabyte', () => {
  expect(large.length).toBeGreaterThan(2)
})
