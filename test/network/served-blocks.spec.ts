import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { describe, expect, it } from 'vitest'
import { CorruptBlockError } from '../../src/errors.ts'
import { blockBytesMax } from '../../src/limits.ts'
import { ServedBlocks } from '../../src/network/served-blocks.ts'
import { blockOf, readerOf } from './support.ts'

describe('ServedBlocks', () => {
  it('reads public blocks, and has no others', async () => {
    const [block, other] = [await blockOf('x'), await blockOf('y')]
    const blocks = new ServedBlocks(readerOf(block))
    expect(await blocks.has(block.cid)).toBe(true)
    expect(await blocks.get(block.cid)).toEqual(block.bytes)
    expect(await blocks.has(other.cid)).toBe(false)
    expect(await blocks.get(other.cid)).toBeUndefined()
  })

  it('takes a block that cannot be read for one that is not there', async () => {
    const { cid } = await blockOf('x')
    const fail = async (): Promise<never> => { throw new CorruptBlockError('flipped') }
    const blocks = new ServedBlocks({ has: fail, get: fail })
    expect(await blocks.has(cid)).toBe(false)
    expect(await blocks.get(cid)).toBeUndefined()
  })

  it('does not ask the store for a CID with another hash', async () => {
    const cid = CID.createV1(0x55, identity.digest(new Uint8Array(100)))
    const reader = readerOf({ cid, bytes: new Uint8Array(1) })
    const blocks = new ServedBlocks(reader)
    expect(await blocks.has(cid)).toBe(false)
    expect(await blocks.get(cid)).toBeUndefined()
    expect(reader.asked).toEqual([])
  })

  it('serves blocks of the largest size, and none above', async () => {
    const { cid } = await blockOf('x')
    const largest = new ServedBlocks(readerOf({ cid, bytes: new Uint8Array(blockBytesMax) }))
    expect((await largest.get(cid))?.byteLength).toBe(blockBytesMax)
    const larger = new ServedBlocks(readerOf({ cid, bytes: new Uint8Array(blockBytesMax + 1) }))
    expect(await larger.get(cid)).toBeUndefined()
  })
})
