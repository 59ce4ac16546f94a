import { encode } from '@ipld/dag-pb'
import { UnixFS } from 'ipfs-unixfs'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { linksMax, manifestBytesMax, nameBytesMax } from '../../src/limits.ts'
import type { TestDag, TestLink } from '../bundle/dags.ts'

/** A DAG that is no bundle although every block of it hashes to its CID. */
export interface BadDag {
  what: string
  /** Gives the root. */
  make: (dag: TestDag) => CID
  /** Name of the error. */
  error: string
  /** Of importing it, where another bound is met first: blocks of a CAR need not be found by a walk. */
  importError?: string
  /** A walk holds the links of all blocks above the one where it is. */
  isWide?: boolean
}

const invalidName = 'InvalidNameError'
const invalidDag = 'InvalidDagError'
const invalidManifest = 'InvalidManifestError'
const tooMuch = 'LimitExceededError'

const names: [what: string, name: string][] = [
  ['an empty name', ''], ['the name .', '.'], ['the name ..', '..'], ['a name that leaves the bundle', '../../escaped'],
  ['an absolute name', '/etc/cron.d/x'], ['a name with a backslash', 'a\\b'], ['a name with NUL', 'a\0b'],
  ['a name with a control character', 'a\u0007b'], ['a name with a bidi override', 'a\u202etxt.exe'],
  ['a name of 256 bytes', 'n'.repeat(nameBytesMax + 1)]
]

/** Links to the same thing under different names. */
function fan (cid: CID, count: number, size = 0): TestLink[] {
  return Array.from({ length: count }, (_, at) => ({ name: `n${String(at).padStart(7, '0')}`, cid, size }))
}

/** Directories in each other, `count` of them, each with so many links to the next one. */
function nested (dag: TestDag, count: number, links: number): CID {
  let cid = dag.directory([])
  for (let at = 0; at < count; at++) cid = dag.directory(fan(cid, links))
  return cid
}

function withManifest (dag: TestDag, json: string | Uint8Array): CID {
  const size = Buffer.from(json).length
  return dag.directory([{ name: 'manifest.json', cid: dag.raw(json), size }])
}

/** A file whose parts have no bytes, each as wide again. */
function zeroFan (dag: TestDag, depth: number): CID {
  let cid = dag.raw('')
  for (let at = 0; at < depth; at++) cid = dag.file(Array.from({ length: linksMax }, () => ({ cid, size: 0 })))
  return cid
}

/** Every block of it is below all those before, so that a walk has to remember where it is in each of them. */
function wideAndDeep (dag: TestDag): CID {
  let cid = dag.raw('x')
  for (let at = 0; at < 60; at++) cid = dag.node(undefined, Array.from({ length: linksMax }, () => ({ cid })))
  return cid
}

function shardOf (dag: TestDag, fanout: bigint): CID {
  return dag.shard([{ name: 'x', cid: dag.raw('x'), size: 1 }], { fanout, slots: [0] })
}

/** A directory that links a block under a CID that no bundle may have. */
function linking (dag: TestDag, cid: CID): CID {
  return dag.directory([{ name: 'x', cid, size: 1 }])
}

const manifestOf = (fields: string): string => `{"format":"cortensor-bundle","kind":"other",${fields}"version":"1.0"}`
const digest = new Uint8Array(32).fill(7)

/** Every row of bad input that is a DAG. */
export const badDags: readonly BadDag[] = [
  ...names.map(([what, name]): BadDag => ({ what, make: dag => dag.directory([{ name, cid: dag.raw('x'), size: 1 }]), error: invalidName })),
  { what: 'a name twice', make: dag => dag.directory([{ name: 'a', cid: dag.raw('1'), size: 1 }, { name: 'a', cid: dag.raw('2'), size: 1 }]), error: invalidName },
  { what: 'a symbolic link', make: dag => dag.directory([{ name: 'x', cid: dag.unixfs({ type: 'symlink', data: Buffer.from('/etc/passwd') }) }]), error: invalidDag },
  { what: 'a million entries', make: dag => dag.directory(fan(dag.directory(fan(dag.raw('x'), 1000, 1)), 1000)), error: tooMuch },
  { what: 'directories 1,000 deep', make: dag => nested(dag, 1000, 1), error: tooMuch, importError: invalidName },
  { what: 'directories deeper than they may be', make: dag => nested(dag, 40, 1), error: invalidName },
  { what: '2^41 entries in 41 blocks', make: dag => nested(dag, 41, 2), error: invalidName },
  { what: '2^30 entries in 30 blocks', make: dag => nested(dag, 30, 2), error: tooMuch },
  { what: 'parts without bytes, 8,192 to the fifth', make: dag => dag.directory([{ name: 'x', cid: zeroFan(dag, 5) }]), error: invalidDag, isWide: true },
  { what: 'more links than a node may have', make: dag => dag.directory(fan(dag.raw('x'), linksMax + 1, 1)), error: tooMuch },
  { what: '8,192 links in each of 60 blocks', make: wideAndDeep, error: invalidDag, isWide: true },
  { what: 'a link that lies about a size', make: dag => dag.directory([{ name: 'x', cid: dag.raw('x'), size: 2 ** 40 }]), error: invalidDag },
  { what: 'a file that says another size than its parts', make: dag => dag.directory([{ name: 'x', cid: dag.node(new UnixFS({ type: 'file', blockSizes: [1n, 1n] }).marshal(), [{ cid: dag.raw('x') }]) }]), error: invalidDag },
  { what: 'a HAMT with a fan-out of 0', make: dag => shardOf(dag, 0n), error: invalidDag },
  { what: 'a HAMT with a fan-out of 3', make: dag => shardOf(dag, 3n), error: invalidDag },
  { what: 'a HAMT with a fan-out of 2^40', make: dag => shardOf(dag, 2n ** 40n), error: invalidDag },
  { what: 'a HAMT inside one of another fan-out', make: dag => dag.shard([{ name: '00', cid: dag.shard([{ name: '0x', cid: dag.raw('x'), size: 1 }], { fanout: 16n }) }], { slots: [0] }), error: invalidDag },
  { what: 'a HAMT deeper than a hash', make: (dag) => {
    let cid = dag.shard([{ name: '00x', cid: dag.raw('x'), size: 1 }])
    for (let at = 0; at < 20; at++) cid = dag.shard([{ name: '00', cid }])
    return cid
  }, error: invalidDag },
  { what: 'a HAMT with an entry out of place', make: dag => dag.shard([{ name: '00file', cid: dag.raw('x'), size: 1 }, { name: '01file', cid: dag.raw('y'), size: 1 }]), error: invalidDag },
  { what: 'a link by another hash', make: dag => linking(dag, CID.createV1(0x55, create(0x13, digest))), error: invalidDag },
  { what: 'a link by an identity hash', make: dag => linking(dag, CID.createV1(0x55, create(0, digest))), error: invalidDag },
  { what: 'a link by another codec', make: dag => linking(dag, CID.createV1(0x71, create(0x12, digest))), error: invalidDag },
  { what: 'a link by a truncated digest', make: dag => linking(dag, CID.createV1(0x55, create(0x12, digest.subarray(0, 16)))), error: invalidDag },
  { what: 'a root that is no dag-pb', make: dag => dag.put(new Uint8Array(100).fill(0xff), 0x70), error: invalidDag },
  { what: 'a root that is no UnixFS', make: dag => dag.put(encode({ Links: [], Data: new Uint8Array(50).fill(0xff) }), 0x70), error: invalidDag },
  { what: 'a manifest over the limit', make: dag => withManifest(dag, manifestOf(`"more":"${'x'.repeat(manifestBytesMax)}",`)), error: tooMuch },
  { what: 'a manifest 100,000 deep', make: dag => withManifest(dag, manifestOf(`"more":${'['.repeat(100_000)}${']'.repeat(100_000)},`)), error: tooMuch },
  { what: 'a manifest with __proto__', make: dag => withManifest(dag, '{"__proto__":{"isAdmin":true},"format":"cortensor-bundle","kind":"other","version":"1.0"}'), error: invalidManifest },
  { what: 'a manifest with a key twice', make: dag => withManifest(dag, manifestOf('"kind":"task",')), error: invalidManifest },
  { what: 'a manifest of wrong types', make: dag => withManifest(dag, '{"format":["cortensor-bundle"],"kind":7,"version":null}'), error: invalidManifest },
  { what: 'a manifest with spaces', make: dag => withManifest(dag, manifestOf('').replaceAll(':', ': ')), error: invalidManifest },
  { what: 'a manifest that is no JSON', make: dag => withManifest(dag, new Uint8Array(1000).fill(0xfe)), error: invalidManifest },
  { what: 'a manifest of version 2', make: dag => withManifest(dag, manifestOf('').replace('"1.0"', '"2.0"')), error: 'NewerFormatError' },
  { what: 'a directory for a manifest', make: dag => dag.directory([{ name: 'manifest.json', cid: dag.directory([]) }]), error: invalidManifest }
]

/** DAGs that can be fetched, and of which a file cannot be read. */
export const badFiles: readonly BadDag[] = [
  { what: 'a part that is larger than said', make: dag => dag.directory([{ name: 'x', cid: dag.file([{ cid: dag.raw('one'), size: 3 }, { cid: dag.raw('and more'), size: 3 }]) }]), error: invalidDag },
  { what: 'a part that is smaller than said', make: dag => dag.directory([{ name: 'x', cid: dag.file([{ cid: dag.raw('one'), size: 3 }, { cid: dag.raw('two'), size: 1 << 20 }]) }]), error: invalidDag },
  { what: 'more bytes than are read into memory', make: dag => dag.directory([{ name: 'x', cid: dag.file(Array.from({ length: 100 }, () => ({ cid: dag.raw(new Uint8Array(1 << 20)), size: 1 << 20 }))) }]), error: tooMuch }
]
