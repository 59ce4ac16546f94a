import { describe, expect, test } from 'vitest'
import { decodeUnixfs } from '../../src/bundle/unixfs-node.ts'
import { InvalidDagError, LimitExceededError } from '../../src/errors.ts'
import { hamtFanoutMax, linksMax } from '../../src/limits.ts'
import { TestDag } from './dags.ts'
import type { UnixfsNode } from '../../src/bundle/unixfs-node.ts'
import type { CID } from 'multiformats/cid'

const dag = new TestDag()
const leaf = dag.raw('leaf')

function decode (cid: CID): UnixfsNode {
  return decodeUnixfs(cid, dag.blocks.get(cid.toString()) ?? new Uint8Array())
}

describe('reads', () => {
  test('a raw block as a file', () => {
    expect(decode(leaf)).toEqual({ type: 'file', data: Buffer.from('leaf'), parts: [], size: 4 })
  })

  test.for(['file', 'raw'] as const)('a leaf of UnixFS type %s as a file', type => {
    expect(decode(dag.unixfs({ type, data: Buffer.from('abc') }))).toMatchObject({ type: 'file', size: 3 })
  })

  test('a file whose size is that of its own data and all parts', () => {
    expect(decode(dag.file([{ cid: leaf, size: 4 }, { cid: leaf, size: 4 }], Buffer.from('own')))).toMatchObject({ type: 'file', size: 11 })
  })

  test('a directory with its links in their order', () => {
    const node = decode(dag.directory([{ name: 'b', cid: leaf, size: 4 }, { name: 'a', cid: leaf }]))
    expect(node.type === 'directory' && node.links.map(({ name, dagSize }) => [name, dagSize])).toEqual([['a', undefined], ['b', 4]])
  })

  test('a shard with names apart from slots', () => {
    const node = decode(dag.shard([{ name: '0A', cid: leaf }, { name: 'FFname', cid: leaf }]))
    expect(node).toMatchObject({ type: 'shard', bits: 8, links: [{ name: '', slot: 10 }, { name: 'name', slot: 255 }] })
  })

  test.for([2n, 4n, BigInt(hamtFanoutMax)])('a shard with a fan-out of %s', fanout => {
    const name = `${'0'.repeat((Number(fanout) - 1).toString(16).length)}a`
    expect(decode(dag.shard([{ name, cid: leaf }], { fanout }))).toMatchObject({ type: 'shard', bits: Math.log2(Number(fanout)) })
  })

  test(`a directory of ${linksMax} links`, () => {
    const links = Array.from({ length: linksMax }, (_, i) => ({ name: String(i), cid: leaf }))
    expect(decode(dag.directory(links))).toMatchObject({ type: 'directory' })
    expect(() => decode(dag.directory([...links, { name: 'x', cid: leaf }]))).toThrow(LimitExceededError)
  })
})

describe('refuses', () => {
  const dagJson = dag.put(Buffer.from('{}'), 0x0129)
  const sha512Code = dag.put(Buffer.from('x'), 0x55, 0x13)
  const cases: [string, () => CID][] = [
    ['bytes that are not dag-pb', () => dag.put(Buffer.from('nonsense'), 0x70)],
    ['a block without UnixFS data', () => dag.node(undefined)],
    ['a block whose data is not UnixFS', () => dag.node(Buffer.from('nonsense'))],
    ['a symbolic link', () => dag.unixfs({ type: 'symlink', data: Buffer.from('/etc/passwd') })],
    ['metadata', () => dag.unixfs({ type: 'metadata' })],
    ['a codec other than dag-pb and raw', () => dagJson],
    ['a link to another codec', () => dag.directory([{ name: 'a', cid: dagJson }])],
    ['a link with another hash', () => dag.directory([{ name: 'a', cid: sha512Code }])],
    ['a file with fewer sizes than parts', () => dag.unixfs({ type: 'file', blockSizes: [4n] }, [{ cid: leaf }, { cid: leaf }])],
    ['a file with more sizes than parts', () => dag.unixfs({ type: 'file', blockSizes: [4n, 4n] }, [{ cid: leaf }])],
    ['a file that says another size than its parts', () => dag.node(Uint8Array.of(8, 2, 24, 5, 32, 4), [{ cid: leaf }])],
    ['a part of no bytes', () => dag.file([{ cid: leaf, size: 4 }, { cid: leaf, size: 0 }])],
    ['sizes that add up beyond what a number holds', () => dag.file([{ cid: leaf, size: 2n ** 64n - 1n }, { cid: leaf, size: 2n }])],
    ['a fan-out of 0', () => dag.shard([], { fanout: 0n })],
    ['a fan-out of 1', () => dag.shard([], { fanout: 1n })],
    ['a fan-out of 3', () => dag.shard([], { fanout: 3n })],
    ['a fan-out above the bound', () => dag.shard([], { fanout: BigInt(hamtFanoutMax) * 2n })],
    ['a fan-out of 2^40', () => dag.shard([], { fanout: 2n ** 40n })],
    ['another hash of names', () => dag.shard([{ name: '00a', cid: leaf }], { hashType: 0x23n })],
    ['a prefix in lower case', () => dag.shard([{ name: '0aa', cid: leaf }])],
    ['a prefix that is too short', () => dag.shard([{ name: 'A', cid: leaf }])],
    ['a prefix that is no number', () => dag.shard([{ name: 'ZZa', cid: leaf }], { slots: [1] })],
    ['a prefix beyond the fan-out', () => dag.shard([{ name: '4a', cid: leaf }], { fanout: 4n, slots: [0] })],
    ['a prefix that is there twice', () => dag.shard([{ name: '01a', cid: leaf }, { name: '01b', cid: leaf }])],
    ['a bit field with a bit too many', () => dag.shard([{ name: '01a', cid: leaf }], { slots: [1, 2] })],
    ['a bit field with another bit', () => dag.shard([{ name: '01a', cid: leaf }], { slots: [2] })],
    ['a bit field with a bit too few', () => dag.shard([{ name: '01a', cid: leaf }], { slots: [] })]
  ]
  test.for(cases)('%s', ([, make]) => {
    expect(() => decode(make())).toThrow(InvalidDagError)
  })
})
