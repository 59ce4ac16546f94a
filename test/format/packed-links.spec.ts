import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { PackedLinks } from '../../src/format/packed-links.ts'
import { branch, leaf } from './dags.ts'

const links = [leaf('a').cid, branch([leaf('b')]).cid, CID.parse('QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn'), leaf('c').cid]

describe('PackedLinks', () => {
  it('gives each link as it was, whatever its version and codec', () => {
    const packed = new PackedLinks(links)
    for (const [index, link] of links.entries()) {
      expect(packed.at(index)?.equals(link)).toBe(true)
      expect(packed.at(index)?.toString()).toBe(link.toString())
      expect(packed.at(index)?.bytes).toEqual(link.bytes)
    }
  })

  it('ends after the last one', () => {
    expect(new PackedLinks(links).at(links.length)).toBeUndefined()
    expect(new PackedLinks([]).at(0)).toBeUndefined()
    expect(new PackedLinks(links).blockAt(links.length)).toBeUndefined()
  })

  it('names a block by codec and digest alone', () => {
    const packed = new PackedLinks(links)
    for (const [index, { code, multihash }] of links.entries()) expect(packed.blockAt(index)).toEqual({ code, digest: multihash.digest })
  })

  it('has nothing that was in it before it was cleared', () => {
    const packed = new PackedLinks(links)
    for (let at = 0; at < 20; at++) for (const link of links) packed.push(link)
    packed.clear()
    expect([packed.length, packed.at(0)]).toEqual([0, undefined])
    for (const link of links) packed.push(link)
    expect(packed.at(links.length - 1)?.equals(links.at(-1))).toBe(true)
  })
})
