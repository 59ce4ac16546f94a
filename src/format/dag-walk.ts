/**
 * The one order in which the blocks of a DAG are sent and expected.
 *
 * A walk has a root, an interval of positions `[from, to)`, a position `since` and a mode. Without them `from` and `since` are
 * the root, `to` is the end and the mode is `all`. It must be that `since ≤ from < to`. The walk goes through the positions of
 * the interval `[since, to)` in depth-first order (see dag-position.ts) by these rules:
 *
 * 1. A block above `since` is read for its links and is otherwise ignored: it is not sent, and it does not count as met.
 * 2. At each other position the block there is *met*. A block that was met before on this walk is passed over: it is not sent
 *    again and its links are not followed again. Everything below it was met before as well.
 * 3. A block that is met for the first time is sent when its position is not before `from` and the mode includes it: `all`
 *    includes every block, `inner` those that are not raw, `leaves` those that are raw. Its links are followed whether it is
 *    sent or not.
 * 4. Mode `block` is mode `all` over the interval from `from` to its first child, with `since` at `from`: the block at `from`
 *    alone, if there is one.
 *
 * So `since` says what counts as sent already. At the start of an earlier interval, it makes the answers to adjacent intervals
 * together the answer to the whole: no block is in two of them, and a transfer that broke off goes on where it was. At `from`,
 * the answer is complete in itself: it has every block of the interval, and whoever has the blocks above `from` can check it.
 *
 * Work is linear in blocks and links. A block may stand at most 64 links below the root, and a walk meets at most 2,000,000.
 */
import { InvalidArgumentError, LimitExceededError } from '../errors.ts'
import { dagBlocksMax, dagDepthMax } from '../limits.ts'
import { blockOf, BlockSet } from './block-set.ts'
import { checkBlockCid, dagPbCodec, rawCodec } from './dag-links.ts'
import { comparePositions, firstChild, isAbove } from './dag-position.ts'
import { packLinks } from './pack-links.ts'
import { PackedLinks } from './packed-links.ts'
import type { CID } from 'multiformats/cid'
import type { DagPosition } from '../interface/transfer.ts'

/** Which blocks of an interval are meant. */
export type DagMode = 'all' | 'inner' | 'block' | 'leaves'

/** A part of a DAG. */
export interface DagInterval {
  mode?: DagMode | undefined
  /** First position meant; the root when absent. */
  from?: DagPosition | undefined
  /** First position not meant any more; the end when absent. */
  to?: DagPosition | undefined
  /** First position of what counts as sent already; the root when absent. */
  since?: DagPosition | undefined
}

/** A walk over a part of a DAG. */
export interface DagWalkOptions extends DagInterval {
  /** A walk over another DAG, at its end: what it met is met here, too. */
  beside?: DagWalk | undefined
  /** Blocks that may be met; `dagBlocksMax` when absent. */
  blocksMax?: number
}

/** A block that the walk has come to. */
export interface DagStep {
  cid: CID
  position: DagPosition
  /** False for a block that only its links are needed of. */
  wanted: boolean
}

interface Frame {
  links: PackedLinks
  /** The link that comes next. */
  next: number
}

/**
 * Says which block comes next. Ask `next()`; when the step's block is not raw, give its bytes to `supply()` before asking again.
 */
export class DagWalk {
  readonly #mode: DagMode
  readonly #from: DagPosition
  #to: DagPosition | undefined
  readonly #since: DagPosition
  readonly #blocksMax: number
  #met: BlockSet
  /** The root is handled as the only link of the first, which is in no position. */
  readonly #frames: Frame[]
  /** Link indexes from the root to the frame on top. */
  readonly #path: number[] = []
  #unsupplied: DagStep | undefined
  #passedOver = 0
  /** True when the last block that it came to was met before: then so may those be that come next. */
  #isRepeating = false

  /** @throws {@link InvalidArgumentError} when it is not so that `since ≤ from < to`, {@link InvalidDagError} for another root */
  constructor (root: CID, { mode = 'all', from = [], to, since = [], blocksMax = dagBlocksMax, beside }: DagWalkOptions = {}) {
    checkBlockCid(root)
    this.#mode = mode
    this.#met = beside === undefined ? new BlockSet() : beside.#met.copy()
    this.#blocksMax = blocksMax + this.#met.size
    this.#from = from
    this.#to = mode === 'block' ? firstChild(from) : to
    this.#since = mode === 'block' ? from : since
    if (comparePositions(since, from) > 0 || (this.#to !== undefined && comparePositions(from, this.#to) >= 0)) {
      throw new InvalidArgumentError(
        `An interval from [${from.join()}] to [${this.#to?.join() ?? 'end'}] since [${since.join()}] is not in order`)
    }
    this.#frames = [{ links: new PackedLinks([root]), next: 0 }]
  }

  /** Positions passed over so far, because the block there was met before. */
  get passedOver (): number {
    return this.#passedOver
  }

  /**
   * Moves to the next block that is wanted or whose links are needed; undefined at the end.
   *
   * @throws {@link LimitExceededError} when more blocks were met than one walk may
   */
  next (): DagStep | undefined {
    if (this.#unsupplied !== undefined) {
      throw new InvalidArgumentError(`The links of ${this.#unsupplied.cid.toString()} are needed before the walk goes on`)
    }
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      if (this.#isRepeating && this.#isMet(frame)) {
        frame.next++
        this.#passedOver++
        continue
      }
      const cid = frame.links.at(frame.next)
      if (cid === undefined) {
        this.#frames.pop()
        this.#path.pop()
        continue
      }
      const position = this.#frames.length === 1 ? [] : [...this.#path, frame.next]
      if (!this.#isBeforeEnd(position)) {
        this.#frames.length = 0
        return undefined
      }
      frame.next++
      const step = this.#visit(cid, position)
      if (step !== undefined) return step
    }
    return undefined
  }

  /**
   * Gives the bytes of the block that `next()` returned last. They must hash to its CID.
   *
   * @throws {@link InvalidDagError} when they are not what the CID's codec says, or link to what a bundle may not have
   * @throws {@link LimitExceededError} when it has too many links, or stands too deep to have any
   */
  supply (bytes: Uint8Array): void {
    const step = this.#unsupplied
    if (step === undefined) return
    const links = packLinks(step.cid, bytes)
    if (links.length > 0 && step.position.length >= dagDepthMax) {
      throw new LimitExceededError(`Block ${step.cid.toString()} is ${dagDepthMax} links below its root and has links`,
        { limit: 'dagDepthMax', max: dagDepthMax, actual: dagDepthMax + 1, cid: step.cid.toString() })
    }
    this.#unsupplied = undefined
    const { position } = step
    const next = isAbove(position, this.#since) ? this.#since[position.length] ?? 0 : 0
    this.#path.push(...position.slice(-1))
    this.#frames.push({ links, next })
  }

  /** Ends before this position, at which the walk has not arrived yet. */
  endAt (to: DagPosition): void {
    this.#to = to
  }

  /** True when a block of the same bytes was met under the other codec. */
  hasMetAsOther ({ code, multihash: { digest } }: CID): boolean {
    return this.#met.has({ code: code === rawCodec ? dagPbCodec : rawCodec, digest })
  }

  /** Forgets what was met, when nobody goes on with it: what that took is free at once. */
  clear (): void {
    this.#met.clear()
  }

  /** Up to `count` blocks that come after the current one, as far as they are known now. Some may turn out not to be needed. */
  ahead (count: number): CID[] {
    const found: CID[] = []
    for (const { cid } of this.upcoming()) if (found.length === count || found.push(cid) === count) break
    return found
  }

  /** Links beside and above the current block that come after it, in their order, without those that were met. */
  * upcoming (): Generator<{ cid: CID, position: DagPosition }, undefined> {
    for (let depth = this.#frames.length - 1; depth > 0; depth--) {
      const frame = this.#frames[depth]
      const above = this.#path.slice(0, depth - 1)
      for (let index = frame?.next ?? 0; ; index++) {
        const cid = frame?.links.at(index)
        const position = [...above, index]
        if (cid === undefined || !this.#isBeforeEnd(position)) break
        if (this.#includes(cid) && !this.#met.has(blockOf(cid))) yield { cid, position }
      }
    }
    return undefined
  }

  /** Another walk that has met what this one has, stands where it stands, and goes on by a mode and to an end of its own. */
  fork ({ mode, to }: Pick<DagInterval, 'mode' | 'to'>): DagWalk {
    const root = this.#frames[0]?.links.at(0)
    if (root === undefined) throw new InvalidArgumentError('A walk that has ended cannot be forked')
    const fork = new DagWalk(root, { mode, from: this.#from, to, since: this.#since, blocksMax: this.#blocksMax })
    fork.#met = this.#met.copy()
    fork.#frames.splice(0, 1, ...this.#frames.map(frame => ({ ...frame })))
    fork.#path.push(...this.#path)
    fork.#unsupplied = this.#unsupplied
    return fork
  }

  /** Finds out without a CID what is passed over anyway, where no position matters: there may be half a million such links. */
  #isMet ({ links, next }: Frame): boolean {
    if (this.#to !== undefined || this.#since.length > 0) return false
    const block = links.blockAt(next)
    return block !== undefined && this.#met.has(block)
  }

  #visit (cid: CID, position: DagPosition): DagStep | undefined {
    const isRaw = cid.code === rawCodec
    if (isAbove(position, this.#since)) return isRaw ? undefined : this.#stepTo({ cid, position, wanted: false })
    const block = blockOf(cid)
    this.#isRepeating = this.#met.has(block)
    if (this.#isRepeating) {
      this.#passedOver++
      return undefined
    }
    if (this.#met.size >= this.#blocksMax) {
      throw new LimitExceededError(`A DAG has more than ${this.#blocksMax} blocks`,
        { limit: 'dagBlocksMax', max: this.#blocksMax, actual: this.#blocksMax + 1 })
    }
    this.#met.add(block)
    const wanted = this.#includes(cid) && comparePositions(position, this.#from) >= 0
    if (isRaw) return wanted ? { cid, position, wanted } : undefined
    return this.#stepTo({ cid, position, wanted })
  }

  #isBeforeEnd (position: DagPosition): boolean {
    return this.#to === undefined || comparePositions(position, this.#to) < 0
  }

  #stepTo (step: DagStep): DagStep {
    this.#unsupplied = step
    return step
  }

  #includes (cid: CID): boolean {
    return this.#mode === 'inner' ? cid.code !== rawCodec : this.#mode !== 'leaves' || cid.code === rawCodec
  }
}
