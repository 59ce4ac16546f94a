import { describe, expect, it } from 'vitest'
import { encode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { cidOfBlock } from '../../src/bundle/dag-pb-block.ts'
import { CarSections, decodeOneRoot, encodeCarHeader, encodeCarSectionHead } from '../../src/format/car-sections.ts'

const block = new TextEncoder().encode('block')
const root = cidOfBlock(0x70, block)

describe('encodeCarHeader', () => {
  it.each([root, cidOfBlock(0x55, block), CID.parse('QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn')])('writes what dag-cbor does, for %s', cid => {
    const header = encode({ roots: [cid], version: 1 })
    expect(encodeCarHeader(cid)).toEqual(Uint8Array.of(header.length, ...header))
  })
})

describe('decodeOneRoot', () => {
  it('reads what was written', () => {
    expect(decodeOneRoot(encodeCarHeader(root).subarray(1)).map(String)).toEqual([root.toString()])
  })

  it('refuses every other form, and every other byte', () => {
    const header = encodeCarHeader(root).subarray(1)
    for (let at = 0; at < header.length; at++) {
      const changed = Uint8Array.from(header)
      changed[at]! ^= 1
      // Of the digest it is another root.
      if (at >= 17 && at < 49) expect(decodeOneRoot(changed)[0]?.equals(root)).toBe(false)
      else expect(() => decodeOneRoot(changed)).toThrow(expect.objectContaining({ name: 'InvalidMessageError' }))
    }
    for (const other of [encode({ roots: [root, root], version: 1 }), encode({ roots: [], version: 1 }), encode({ version: 1 }), new Uint8Array(),
      header.subarray(1), encode({ roots: [cidOfBlock(0x55, block)], version: 1 })]) {
      expect(() => decodeOneRoot(other)).toThrow(expect.objectContaining({ name: 'InvalidMessageError' }))
    }
  })
})

describe('CarSections', () => {
  it('leaves its header to whoever reads it', () => {
    const car = new CarSections(header => [cidOfBlock(0x55, header)])
    car.push(Uint8Array.of(2, 7, 7))
    expect(car.roots?.map(String)).toEqual([cidOfBlock(0x55, Uint8Array.of(7, 7)).toString()])
    expect(car.push(Uint8Array.of(...encodeCarSectionHead(root, block.length), ...block))).toMatchObject([{ bytes: block }])
    car.end()
  })
})
