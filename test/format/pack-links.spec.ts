import { encode } from '@ipld/dag-pb'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { describe, expect, it, vi } from 'vitest'
import { DataNodeError } from '../../src/errors.ts'
import * as blockCids from '../../src/format/block-cid.ts'
import { linksOf } from '../../src/format/dag-links.ts'
import { packLinks } from '../../src/format/pack-links.ts'
import { linksMax } from '../../src/limits.ts'
import { blocks, brokenBlocks } from './dag-pb-blocks.ts'
import { branch, cidOfBytes, leaf } from './dags.ts'

const { cid } = branch([])

function packed (of: CID, bytes: Uint8Array): CID[] {
  const links = packLinks(of, bytes)
  return Array.from({ length: links.length }, (_, index) => links.at(index)).flatMap(link => link ?? [])
}

/** What is made of a block, to be compared. */
function seen (read: () => CID[]): unknown {
  try {
    return read().map(link => [link.version, link.toString()])
  } catch (error) {
    return error instanceof DataNodeError ? [error.name, error.message] : error
  }
}

function agrees (bytes: Uint8Array): void {
  expect(seen(() => packed(cid, bytes))).toEqual(seen(() => linksOf(cid, bytes)))
}

describe('packLinks', () => {
  it('lists what linksOf lists, and refuses what that refuses', () => {
    fc.assert(fc.property(blocks, agrees), { numRuns: 500 })
    fc.assert(fc.property(brokenBlocks, agrees), { numRuns: 3000 })
  })

  it('lists repetitions and both versions of CID', () => {
    const links = [leaf('a').cid, cid, cid.toV0(), leaf('a').cid]
    const node = branch(links.map(link => ({ cid: link })))
    expect(packed(node.cid, node.bytes).map(String)).toEqual(links.map(String))
  })

  it('finds no links in a raw block, whatever its bytes', () => {
    const { bytes } = branch([leaf('a')])
    expect(packLinks(leaf(bytes).cid, bytes)).toHaveLength(0)
  })

  it('takes as many links as allowed and refuses one more', () => {
    const bytesOf = (links: number): Uint8Array => encode({
      Links: Array.from({ length: links }, () => ({ Hash: leaf('').cid, Name: '', Tsize: 1 }))
    })
    expect(packLinks(cid, bytesOf(linksMax))).toHaveLength(linksMax)
    agrees(bytesOf(linksMax + 1))
  })

  it('refuses a block and links that no bundle may have', () => {
    const foreign = CID.createV1(0x71, create(0x12, new Uint8Array(32)))
    const bytes = encode({ Links: [{ Hash: foreign, Name: '', Tsize: 1 }] })
    expect(() => packLinks(cid, bytes)).toThrow('codec 0x71')
    expect(() => packLinks(cidOfBytes(0x71, bytes), bytes)).toThrow('codec 0x71')
  })

  it('makes no CIDs of a block as they usually are', () => {
    const node = branch([leaf('a'), branch([leaf('b')])])
    const links = vi.spyOn(blockCids, 'blockCid')
    const at = vi.spyOn(blockCids, 'blockCidAt')
    expect(packLinks(node.cid, node.bytes)).toHaveLength(2)
    expect([...links.mock.calls, ...at.mock.calls]).toEqual([])
  })
})
