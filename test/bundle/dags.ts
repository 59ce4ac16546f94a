import { encode, prepare } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import { create as createMultihash } from 'multiformats/hashes/digest'
import { createHash } from 'node:crypto'
import { NotStoredError } from '../../src/errors.ts'
import { readerOf } from '../../src/bundle/dag-reader.ts'
import { openRoot } from '../../src/bundle/tree.ts'
import type { DagReader } from '../../src/bundle/dag-reader.ts'
import type { TreeDirectory, TreeEntry } from '../../src/bundle/tree.ts'
import type { BlockReader } from '../../src/interface/store.ts'
import type { PBLink } from '@ipld/dag-pb'

/** A link as a hostile publisher may write it. */
export interface TestLink {
  name?: string
  cid: CID
  size?: number | undefined
}

/** Makes DAGs block by block, also such as no importer makes. */
export class TestDag implements BlockReader {
  readonly blocks: Map<string, Uint8Array> = new Map<string, Uint8Array>()
  readonly reads: string[] = []
  readonly reader: DagReader = readerOf(this)

  async get (cid: CID): Promise<Uint8Array> {
    this.reads.push(cid.toString())
    const bytes = this.blocks.get(cid.toString())
    if (bytes === undefined) throw new NotStoredError(`${cid.toString()} is not there`)
    return bytes
  }

  async has (cid: CID): Promise<boolean> {
    return this.blocks.has(cid.toString())
  }

  put (bytes: Uint8Array, codec: number, hash = 0x12): CID {
    const cid = CID.createV1(codec, createMultihash(hash, createHash('sha256').update(bytes).digest()))
    this.blocks.set(cid.toString(), bytes)
    return cid
  }

  raw (content: Uint8Array | string): CID {
    return this.put(Buffer.from(content), 0x55)
  }

  node (data: Uint8Array | undefined, links: TestLink[] = [], { sort = false }: { sort?: boolean } = {}): CID {
    const Links = links.map(({ name = '', cid, size }): PBLink => ({ Name: name, Hash: cid, ...(size === undefined ? {} : { Tsize: size }) }))
    const node = { Links, ...(data === undefined ? {} : { Data: data }) }
    return this.put(encode(sort ? prepare(node) : node), 0x70)
  }

  unixfs (init: ConstructorParameters<typeof UnixFS>[0], links: TestLink[] = []): CID {
    return this.node(new UnixFS(init).marshal(), links)
  }

  directory (links: TestLink[]): CID {
    return this.node(new UnixFS({ type: 'directory' }).marshal(), links, { sort: true })
  }

  /** Written by hand: ipfs-unixfs writes sizes from 2^31 to 2^32 - 1 wrongly. */
  file (parts: { cid: CID, size: number | bigint }[], data?: Uint8Array): CID {
    const sizes = parts.flatMap(({ size }) => [0x20, ...varint(BigInt(size))])
    const own = data === undefined ? [] : [0x12, ...varint(BigInt(data.length)), ...data]
    return this.node(Uint8Array.of(0x08, 2, ...own, ...sizes), parts.map(({ cid }) => ({ cid })))
  }

  /** `slots` are the prefixes that the bit field says; by default those of the links. */
  shard (links: TestLink[], { fanout = 256n, hashType = 0x22n, slots }: { fanout?: bigint, hashType?: bigint, slots?: number[] } = {}): CID {
    const digits = (Number(fanout) - 1).toString(16).length
    const set = slots ?? links.map(({ name = '' }) => Number.parseInt(name.slice(0, digits), 16))
    const data = new Uint8Array(Math.ceil(Number(fanout > 4096n ? 4096n : fanout) / 8))
    for (const slot of set) data[data.length - 1 - (slot >> 3)] = (data[data.length - 1 - (slot >> 3)] ?? 0) | (1 << (slot & 7))
    return this.node(new UnixFS({ type: 'hamt-sharded-directory', data, fanout, hashType }).marshal(), links)
  }

  async open (cid: CID): Promise<TreeEntry> {
    return openRoot(this.reader, { cid })
  }

  async openDirectory (cid: CID): Promise<TreeDirectory> {
    const root = await this.open(cid)
    if (root.type !== 'directory') throw new Error('not a directory')
    return root
  }
}

/** Reads everything that an iterable gives. */
export async function all<T> (items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

function varint (value: bigint): number[] {
  const bytes: number[] = []
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return [...bytes, Number(rest)]
    bytes.push(Number(rest & 0x7fn) | 0x80)
  }
}

/** A file of three levels whose leaves have 1 to 3 bytes, some of them dag-pb. */
export function fileTree (dag: TestDag, content: Uint8Array): CID {
  let parts: { cid: CID, size: number }[] = []
  for (let at = 0; at < content.length;) {
    const piece = content.subarray(at, at + 1 + at % 3)
    parts.push({ cid: at % 5 === 0 ? dag.file([], piece) : dag.raw(piece), size: piece.length })
    at += piece.length
  }
  for (let level = 0; level < 2; level++) {
    const above: typeof parts = []
    for (let i = 0; i < parts.length; i += 3) {
      const below = parts.slice(i, i + 3)
      above.push({ cid: dag.file(below), size: below.reduce((sum, { size }) => sum + size, 0) })
    }
    parts = above
  }
  return dag.file(parts)
}
