/**
 * The one checker that follows every fault. It opens what the fault left, as any host would, and holds it against the promise:
 *
 * 1. what was acknowledged is listed, can be read offline, and hashes to its CIDs
 * 2. what was not acknowledged is absent, or listed and complete
 * 3. no read returns wrong bytes
 * 4. after collection the files are those of what is held or kept, without an orphan, without a temporary file, and without any that
 *    an interrupted fetch left; before it the latter are reached from the roots of such fetches
 * 5. opening needs no manual step, and opening again finds the same
 * 6. what was opened is closed again
 *
 * That no rejection goes unhandled is seen by `setup.ts` and, in other processes, by their end.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CarBlockIterator } from '@ipld/car'
import { decode } from '@ipld/dag-pb'
import { base32upper } from 'multiformats/bases/base32'
import { CID } from 'multiformats/cid'
import type { Store, StoredBundle } from '../../src/interface/store.ts'
import type { Address } from '../../src/interface/primitives.ts'
import { openStore } from '../../src/store/store.ts'
import type { StoreInit } from '../../src/store/store.ts'
import { address as defaultAddress } from '../store/dags.ts'
import { openFiles } from './resources.ts'

/** What must be true of a repository. */
export interface Expected {
  /** Texts of the roots that were acknowledged and that nobody let go of. */
  acknowledged: Iterable<string>
  /** Texts of every root that may be listed; without it any may be. */
  possible?: ReadonlySet<string>
  /** In front of what is said when something is wrong. */
  label: string
  address?: Address
  init?: Partial<StoreInit>
}

/** What was found. */
export interface Checked {
  /** Texts of the roots that were listed. */
  listed: Set<string>
  /** Those that are listed after collection. */
  kept: Set<string>
}

/** Opens a repository that nobody has open, and checks it. What nobody holds is collected. */
export async function checkRepo (path: string, { label, address = defaultAddress, init = {}, ...expected }: Expected): Promise<Checked> {
  const open = (): Promise<Store> => openStore({ path, address, ...init })
  const filesBefore = await openFiles()
  let listed: Set<string>
  let kept: Set<string>
  try {
    const first = await open()
    try {
      listed = await checkListed(first, expected)
      await checkFiles(path, first)
      kept = await checkCollection(path, first, init.clock ?? Date.now)
    } finally {
      await first.close()
    }
    const second = await open()
    const again = new Set(Array.from(second.records(), ({ root }) => root.toString()))
    await second.close()
    assert.deepEqual(again, kept, 'opening again finds the same')
    assert.deepEqual(await openFiles(), filesBefore, 'files are closed')
  } catch (cause) {
    throw new Error(`${label}: ${cause instanceof Error ? cause.stack ?? cause.message : String(cause)}`, { cause })
  }
  return { listed, kept }
}

/** Checks that a store lists what it must, and that it reads everything that it lists. */
export async function checkListed (store: Store, { acknowledged, possible }: Pick<Expected, 'acknowledged' | 'possible'>):
  Promise<Set<string>> {
  const listed = new Set<string>()
  const lengths = new Map<string, number>()
  for (const bundle of [...store.records()]) {
    listed.add(bundle.root.toString())
    await checkBundle(store, bundle, lengths)
  }
  const lost = [...acknowledged].filter(root => !listed.has(root))
  assert.deepEqual(lost, [], 'what was acknowledged is listed')
  if (possible !== undefined) assert.deepEqual([...listed].filter(root => !possible.has(root)), [], 'nothing else is listed')
  const bytes = [...lengths.values()].reduce((sum, length) => sum + length, 0)
  const { held, cached } = store.usage()
  assert.equal(held.bytes + cached.bytes, bytes, 'the total is that of the blocks')
  assert.equal(held.bundles + cached.bundles, listed.size)
  return listed
}

/** Reads every block below a root. Knows nothing of the store's own way to walk a DAG and to hash. */
async function checkBundle (store: Store, bundle: StoredBundle, lengths: Map<string, number>): Promise<void> {
  let bytes = 0
  const own = new Map<string, CID>([[keyOf(bundle.root), bundle.root]])
  for (const [key, cid] of own) {
    const block = await store.reader(bundle.root).get(cid)
    assert.equal(createHash('sha256').update(block).digest('hex'), key, `block ${cid.toString()} has the bytes of its CID`)
    assert.equal(await store.has(cid), true)
    lengths.set(key, block.byteLength)
    bytes += block.byteLength
    for (const link of linksOf(cid, block)) own.set(keyOf(link), own.get(keyOf(link)) ?? link)
  }
  assert.equal(own.size, bundle.blocks, `bundle ${bundle.root.toString()} is complete`)
  assert.equal(bytes, bundle.bytes, `bundle ${bundle.root.toString()} is as large as its record says`)
}

async function checkCollection (path: string, store: Store, clock: () => number): Promise<Set<string>> {
  const before = new Map(Array.from(store.records(), bundle => [bundle.root.toString(), bundle]))
  await store.collect()
  const kept = new Set(Array.from(store.records(), ({ root }) => root.toString()))
  const now = clock()
  for (const [root, { holds, embargoed }] of before) {
    const isHeld = embargoed || holds.some(({ until = Infinity }) => until > now)
    assert.equal(kept.has(root), isHeld, `bundle ${root} ${kept.has(root) ? 'is collected' : 'stays'}`)
  }
  await checkListed(store, { acknowledged: kept })
  assert.deepEqual(await namesIn(join(path, 'partials')), [], 'nothing is left of any fetch')
  assert.equal(store.usage().partialBytes, 0)
  await checkFiles(path, store)
  return kept
}

/** Checks that every file in the repository belongs to what is listed, or to what is left of a fetch. */
export async function checkFiles (path: string, store: Store): Promise<void> {
  const reachable = new Set([...await reachableBlocks(store), ...await leftBlocks(path)])
  assert.deepEqual(await namesIn(join(path, 'temp')), [], 'nothing temporary is left')
  const known = new Set(['version', 'identity', 'key', 'lock', 'bundles', 'blocks', 'partials', 'temp', 'audit', 'data', 'quarantine'])
  assert.deepEqual((await namesIn(path)).filter(name => !known.has(name)), [], 'nothing else is in the repository')
  const roots = new Set(Array.from(store.records(), ({ root }) => root.toString()))
  const records = new Map<string, number>()
  for (const name of await namesIn(join(path, 'bundles'))) {
    const [root = '', ...rest] = name.split('.')
    if (rest.at(-1) === 'json') records.set(root, (records.get(root) ?? 0) + 1)
    else for (const key of await blocksOfCar(join(path, 'bundles', name))) assert.ok(reachable.has(key), `${name} has no orphan`)
  }
  assert.deepEqual([...records], [...roots].sort().map(root => [root, 1]), 'there is one record for each bundle')
  for (const shard of await namesIn(join(path, 'blocks'))) {
    for (const name of await namesIn(join(path, 'blocks', shard))) {
      const key = fileKey(name)
      assert.ok(key !== undefined && reachable.has(key), `blocks/${shard}/${name} belongs to a bundle`)
    }
  }
}

async function reachableBlocks (store: Store): Promise<Set<string>> {
  const reachable = new Map<string, CID>()
  for (const { root } of store.records()) reachable.set(keyOf(root), root)
  for (const [, cid] of reachable) {
    if (cid.code !== 0x70) continue
    for (const link of linksOf(cid, await store.get(cid))) reachable.set(keyOf(link), reachable.get(keyOf(link)) ?? link)
  }
  return new Set(reachable.keys())
}

/** What is reached over block files from the roots of interrupted fetches. */
async function leftBlocks (path: string): Promise<Set<string>> {
  const files = new Map<string, string>()
  for (const shard of await namesIn(join(path, 'blocks'))) {
    for (const name of await namesIn(join(path, 'blocks', shard))) files.set(fileKey(name) ?? '', join(path, 'blocks', shard, name))
  }
  const roots = (await namesIn(join(path, 'partials'))).map(name => CID.parse(name))
  const reachable = new Map(roots.map(cid => [keyOf(cid), cid]))
  for (const [key, cid] of reachable) {
    const file = files.get(key)
    if (file === undefined) reachable.delete(key)
    else for (const link of linksOf(cid, cid.code === 0x70 ? await readFile(file) : new Uint8Array())) reachable.set(keyOf(link), link)
  }
  return new Set(reachable.keys())
}

async function blocksOfCar (file: string): Promise<string[]> {
  const bytes = await readFile(file)
  const keys: string[] = []
  for await (const { cid } of await CarBlockIterator.fromBytes(bytes)) keys.push(keyOf(cid))
  return keys
}

function linksOf (cid: CID, block: Uint8Array): CID[] {
  return cid.code === 0x70 ? decode(block).Links.map(({ Hash }) => Hash) : []
}

function keyOf (cid: CID): string {
  return Buffer.from(cid.multihash.digest).toString('hex')
}

/** blockstore-fs names a file after the multihash in upper-case base32. */
function fileKey (name: string): string | undefined {
  const [text = '', extension, ...rest] = name.split('.')
  if (extension !== 'data' || rest.length > 0) return undefined
  return Buffer.from(base32upper.decode(text)).subarray(2).toString('hex')
}

async function namesIn (directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
