import { expect, test } from 'vitest'
import { StorageFullError } from '../../src/errors.ts'
import { indexBytesPerBlock } from '../../src/limits.ts'
import { giveListing, takeListing } from '../../src/store/listing-charge.ts'
import { Space } from '../../src/store/space.ts'
import { makeParts } from './fixtures.ts'

test('charges for every block that is listed, and gives that back', async () => {
  const { listed, space } = await makeParts()
  await takeListing({ listed, space }, 7)
  expect([listed.blocks, space.used.bytes, space.used.files]).toEqual([7, 7 * indexBytesPerBlock, 0])
  giveListing({ listed, space }, 5)
  expect([listed.blocks, space.used.bytes]).toEqual([2, 2 * indexBytesPerBlock])
})

test('counts before it charges, and not at all what was refused', async () => {
  const listed = { blocks: 1 }
  let counted = 0
  const limits = { bytesMax: 16 * 2 ** 20, filesMax: 100, freeBytesMin: 0 }
  const space = new Space({
    limits,
    freeBytes: () => Promise.resolve(2 ** 40),
    makeRoom: () => {
      counted = listed.blocks
      return Promise.resolve(false)
    },
    describe: () => ({ heldBytes: 0, evictableBytes: 0 }),
    persistBound: () => Promise.resolve()
  })
  const full = { bytes: space.limit.bytes - 9 * indexBytesPerBlock, files: 0 }
  await space.take(full)
  await expect(takeListing({ listed, space }, 10)).rejects.toThrow(StorageFullError)
  expect([counted, listed.blocks, space.used]).toEqual([11, 1, full])
  await takeListing({ listed, space }, 9)
})
