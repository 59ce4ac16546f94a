import type { CID } from 'multiformats/cid'
import { NotStoredError } from '../errors.ts'
import { checkBlockCid, rawCodec } from '../format/dag-links.ts'
import { DagWalk } from '../format/dag-walk.ts'
import { TransientMap } from '../format/transient-map.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import { blockKey } from './block-key.ts'
import { Turn } from './turn.ts'

/** Where the blocks of a DAG are looked for. */
export interface BlockSource<T> {
  /** What is known of blocks; undefined for those that are nowhere. The keys are those of the CIDs. */
  find(cids: readonly CID[], keys: readonly string[]): Promise<(T | undefined)[]>
  /** The bytes of a block that was found. */
  load(cid: CID): Promise<Uint8Array>
  /**
   * Takes note of a block that is nowhere, or that was found and cannot be read, so that the walk goes on beside it. Without
   * it the walk ends.
   */
  onDamage?(cid: CID, error: unknown, found?: T): T
}

/** A block of a DAG, and what was found of it. */
export interface CollectedBlock<T> {
  cid: CID
  key: string
  found: T
}

/** Blocks that are looked for at a time: as few as are written to the index at a time, and for the same reason. */
const aheadBlocks = 64

/**
 * Finds every block under a root, depth first, each once. Other work has its turn now and then.
 *
 * @throws {@link NotStoredError} when one is missing
 * @throws {@link InvalidDagError}, {@link LimitExceededError} when it is not what a bundle may be
 */
export async function * collectBlocks<T> (root: CID, source: BlockSource<T>,
  options: AbortOptions = {}): AsyncGenerator<CollectedBlock<T>, undefined> {
  checkBlockCid(root)
  const walk = new DagWalk(root)
  /** Of those that the walk comes to next. */
  const known = new TransientMap<string, T | undefined>()
  const turn = new Turn()
  try {
    for (let step = walk.next(); step !== undefined; step = walk.next()) {
      options.signal?.throwIfAborted()
      const { cid } = step
      const key = blockKey(cid)
      if (!known.has(key)) {
        // Where everything is known, nothing would be waited for.
        await turn.passOn()
        await lookUp(source, known, [cid, ...walk.ahead(aheadBlocks)])
      }
      const block = { cid, key, found: known.get(key) ?? missing(source, root, cid) }
      known.delete(key)
      if (cid.code !== rawCodec) walk.supply(await load(source, block))
      // A block may be there under two codecs.
      if (!walk.hasMetAsOther(cid)) yield block
    }
  } finally {
    walk.clear()
  }
  return undefined
}

async function lookUp<T> (source: BlockSource<T>, known: TransientMap<string, T | undefined>, cids: CID[]): Promise<void> {
  const [unknown, keys]: [CID[], string[]] = [[], []]
  for (const cid of cids) {
    const key = blockKey(cid)
    if (known.has(key)) continue
    unknown.push(cid)
    keys.push(key)
  }
  const found = await source.find(unknown, keys)
  keys.forEach((key, index) => { known.set(key, found[index]) })
}

function missing<T> (source: BlockSource<T>, root: CID, cid: CID): T {
  const error = new NotStoredError(
    `Block ${cid.toString()} of bundle ${root.toString()} was not put and is not in this repository`,
    { cid: cid.toString(), root: root.toString() }
  )
  if (source.onDamage === undefined) throw error
  return source.onDamage(cid, error)
}

async function load<T> (source: BlockSource<T>, block: CollectedBlock<T>): Promise<Uint8Array> {
  const { cid, found } = block
  try {
    return await source.load(cid)
  } catch (error) {
    if (source.onDamage === undefined) throw error
    block.found = source.onDamage(cid, error, found)
    // No bytes are valid dag-pb without links: the walk goes on with what stands beside this block.
    return new Uint8Array(0)
  }
}
