import { DirectoryImport } from '../../src/bundle/import.ts'
import { EnvelopeTree } from '../../src/audit/read-envelope.ts'
import { readBytesSource } from '../../src/bundle/source-stream.ts'
import { readerOf } from '../../src/bundle/dag-reader.ts'
import { openRoot, walkTree } from '../../src/bundle/tree.ts'
import { readBytes } from '../../src/bundle/file.ts'
import { signDigest } from '../../src/format/address.ts'
import { CarDecoder } from '../../src/format/car.ts'
import { digestOf } from '../../src/format/digest.ts'
import { decodeManifest, encodeManifest } from '../../src/format/manifest.ts'
import { decodeStatement, encodeStatement, signStatement } from '../../src/format/statement.ts'
import { writeEnvelope } from '../../src/audit/export-evidence.ts'
import { FakeStore } from '../bundle/fake-store.ts'
import type { Staging } from '../../src/interface/store.ts'
import type { SourceEntry } from '../../src/bundle/source-entry.ts'
import type { TreeDirectory } from '../../src/bundle/tree.ts'
import type { EvidenceExportManifest } from '../../src/interface/manifest.ts'
import type { CID } from 'multiformats/cid'

/** Files by path, or what is linked there; undefined takes one away. */
export type Change = Record<string, Uint8Array | CID | undefined>

/** What a forger changes: then everything is put together again, so that each block hashes to its name. */
export interface Forgery {
  /** In the envelope itself. */
  envelope?: Change
  /** In the evidence; then it is signed anew, by the key of this number, and no log has it. */
  evidence?: Change
  key?: number
}

/** A file with everything in it, changed by somebody who knows how. */
export async function forge (file: Uint8Array, { envelope = {}, evidence = {}, key = 9 }: Forgery): Promise<Uint8Array> {
  const { blocks, root } = await unpack(file)
  const entries = await entriesOf(blocks, root)
  const own = new Map([...entries].filter(([path]) => path !== 'evidence' && !path.startsWith('evidence/')))
  if (Object.keys(evidence).length > 0) {
    const inside = new Map([...entries].filter(([path]) => path.startsWith('evidence/')).map(([path, value]) => [path.slice('evidence/'.length), value]))
    const cid = await pack(blocks, applied(inside, evidence))
    const statement = decodeStatement(entries.get('statement.json') as Uint8Array)
    const signed = await signStatement({ ...statement, root: digestOf(cid) }, async digest => signDigest(digest, new Uint8Array(32).fill(key)))
    const manifest = decodeManifest(entries.get('manifest.json') as Uint8Array) as EvidenceExportManifest
    for (const path of own.keys()) if (/^(proofs|audit-keys|delegations)\//.test(path)) own.delete(path)
    own.set('anchors.json', new TextEncoder().encode('[]'))
    own.set('statement.json', encodeStatement(signed))
    own.set('manifest.json', encodeManifest({ ...manifest, evidence: cid.toString() }))
    own.set('evidence', cid)
  } else {
    own.set('evidence', (await rootEntries(blocks, root)).get('evidence') as CID)
  }
  const changed = applied(own, envelope)
  const made = await pack(blocks, changed)
  const manifest = changed.get('manifest.json')
  const payload = manifest instanceof Uint8Array ? (JSON.parse(new TextDecoder().decode(manifest)) as EvidenceExportManifest).payload : 'none'
  return Buffer.concat(await Array.fromAsync(writeEnvelope({ root: made, get: async cid => blocks.get(cid) }, { payload })))
}

/** The blocks of a file, for whoever looks at it in another way. */
export async function unpack (file: Uint8Array): Promise<{ blocks: Staging, root: CID }> {
  const blocks = new FakeStore().stage()
  const car = new CarDecoder()
  for (const { cid, bytes } of car.push(file)) await blocks.put(cid, bytes)
  return { blocks, root: car.roots![0]! }
}

/** Of envelope and evidence the files; task, results and artifacts as they are linked. */
async function entriesOf (blocks: Staging, root: CID): Promise<Map<string, Uint8Array | CID>> {
  const reader = readerOf(blocks)
  const entries = new Map<string, Uint8Array | CID>()
  const start = await openRoot(reader, { cid: root }) as TreeDirectory
  for await (const entry of walkTree(reader, start, { entriesMax: 1000 })) {
    if (/^evidence\/(task|artifacts|results\/[^/]+)\//.test(entry.path)) continue
    if (/^evidence\/(task|artifacts|results\/[^/]+)$/.test(entry.path)) entries.set(entry.path, entry.cid)
    else if (entry.type === 'file') entries.set(entry.path, await readBytes(reader, entry))
  }
  return entries
}

async function rootEntries (blocks: Staging, root: CID): Promise<Map<string, CID>> {
  return (await EnvelopeTree.open(readerOf(blocks), root, {})).entries('')
}

function applied (entries: Map<string, Uint8Array | CID>, change: Change): Map<string, Uint8Array | CID> {
  const changed = new Map(entries)
  for (const [path, value] of Object.entries(change)) {
    if (value === undefined) changed.delete(path)
    else changed.set(path, value)
  }
  return changed
}

async function pack (blocks: Staging, entries: Map<string, Uint8Array | CID>): Promise<CID> {
  const directory = new DirectoryImport(blocks)
  await directory.add([...entries].map(([path, value]): SourceEntry => value instanceof Uint8Array
    ? { type: 'file', path, open: options => readBytesSource(value, options) }
    : { type: 'link', path, cid: value }))
  return await directory.root()
}
