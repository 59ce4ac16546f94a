import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { describe, expect, it } from 'vitest'
import { CorruptBlockError } from '../../src/errors.ts'
import { blockBytesMax } from '../../src/limits.ts'
import { PublicBlockstore } from '../../src/network/public-blockstore.ts'
import { blockOf, readerOf } from './support.ts'

async function gather (pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  return await Array.fromAsync(pieces)
}

describe('PublicBlockstore', () => {
  it('reads public blocks', async () => {
    const block = await blockOf('x')
    const blocks = new PublicBlockstore(readerOf(block))
    expect(await blocks.has(block.cid)).toBe(true)
    expect(await gather(blocks.get(block.cid))).toEqual([block.bytes])
  })

  it('has no other block, in the words that bitswap understands', async () => {
    const { cid } = await blockOf('x')
    const blocks = new PublicBlockstore(readerOf())
    expect(await blocks.has(cid)).toBe(false)
    await expect(gather(blocks.get(cid))).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  it('takes a block that cannot be read for one that is not there', async () => {
    const { cid } = await blockOf('x')
    const fail = async (): Promise<never> => { throw new CorruptBlockError('flipped') }
    const blocks = new PublicBlockstore({ has: fail, get: fail })
    expect(await blocks.has(cid)).toBe(false)
    await expect(gather(blocks.get(cid))).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  it('does not ask the store for a CID with another hash', async () => {
    const cid = CID.createV1(0x55, identity.digest(new Uint8Array(100_000)))
    const reader = readerOf({ cid, bytes: new Uint8Array(1) })
    const blocks = new PublicBlockstore(reader)
    expect(await blocks.has(cid)).toBe(false)
    await expect(gather(blocks.get(cid))).rejects.toMatchObject({ name: 'NotFoundError' })
    expect(reader.asked).toEqual([])
  })

  it('serves blocks of the largest size, and none above', async () => {
    const { cid } = await blockOf('x')
    const largest = new PublicBlockstore(readerOf({ cid, bytes: new Uint8Array(blockBytesMax) }))
    expect((await gather(largest.get(cid)))[0]?.byteLength).toBe(blockBytesMax)
    const larger = new PublicBlockstore(readerOf({ cid, bytes: new Uint8Array(blockBytesMax + 1) }))
    await expect(gather(larger.get(cid))).rejects.toMatchObject({ name: 'NotFoundError' })
  })

  it('cannot be written to', async () => {
    const { cid, bytes } = await blockOf('x')
    const blocks = new PublicBlockstore(readerOf({ cid, bytes }))
    await expect(async () => blocks.put(cid, bytes)).rejects.toThrow()
    await expect(async () => { await blocks.delete(cid) }).rejects.toThrow()
  })
})
