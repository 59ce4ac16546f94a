import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { checkUncompressed } from '../../src/bundle/compressed.ts'
import { InvalidMessageError } from '../../src/errors.ts'
import { carOf, strayBlock } from './cars.ts'

/** RFC 8878, section 3.1.1. */
const zstandardFrame = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd)

test('knows compressed files by their first bytes, and says how to decompress them', async () => {
  const block = strayBlock('x')
  const car = await carOf([block.cid], [block])
  expect(() => { checkUncompressed(gzipSync(car).subarray(0, 2)) }).toThrow(InvalidMessageError)
  expect(() => { checkUncompressed(gzipSync(car)) }).toThrow(/gzip: decompress it first \(gunzip\)/)
  expect(() => { checkUncompressed(zstandardFrame) }).toThrow(/Zstandard: decompress it first \(unzstd\)/)
})

test('lets everything else through, and what is too short to know', async () => {
  const block = strayBlock('x')
  checkUncompressed(await carOf([block.cid], [block]))
  checkUncompressed(new Uint8Array())
  checkUncompressed(Uint8Array.of(0x1f))
  checkUncompressed(Uint8Array.of(0x28, 0xb5, 0x2f))
})
