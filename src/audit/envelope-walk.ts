import { decodeUnixfs } from '../bundle/unixfs-node.ts'
import { InvalidDagError, LimitExceededError } from '../errors.ts'
import { blockName, rawCodec } from '../format/dag-links.ts'
import { envelopeRule, ruleOfEntry } from '../format/envelope.ts'
import { dagBlocksMax, dagDepthMax, evidenceCheckedBytesMax } from '../limits.ts'
import type { UnixfsNode } from '../bundle/unixfs-node.ts'
import type { EntryRule } from '../format/envelope.ts'
import type { ExportPayload } from '../interface/evidence.ts'
import type { CID } from 'multiformats/cid'

/** A block of an envelope, where it is met for the first time. */
export interface EnvelopeBlock {
  cid: CID
  bytes: Uint8Array
  /** From the envelope; that of the file or directory that it is part of. */
  path: string
}

/** Gives the next block of the walk. What it returns hashes to the CID. */
export type ReadEnvelopeBlock = (cid: CID, path: string) => Promise<Uint8Array>

/** A place where a block is linked. */
interface Place {
  cid: CID
  path: string
  rule: EntryRule
}

/**
 * Goes through the blocks of an envelope in the order in which they stand in a file of evidence (`envelope.ts`). Whoever writes
 * one and whoever reads it walk the same way: so there is one file for an envelope, and no place in it for anything else.
 *
 * What is needed to check it is kept, and can be read by {@link EnvelopeWalk.get} when it was walked.
 */
export class EnvelopeWalk {
  readonly #root: CID
  readonly #read: ReadEnvelopeBlock
  readonly #met = new Set<string>()
  readonly #kept = new Map<string, Uint8Array>()
  #keptBytes = 0

  constructor (root: CID, read: ReadEnvelopeBlock) {
    this.#root = root
    this.#read = read
  }

  /**
   * Walks through what is needed to check the envelope. To be read to its end, once and first.
   *
   * @throws {@link InvalidDagError} when a block is not UnixFS that a bundle may hold
   * @throws {@link LimitExceededError} when it is more than may be
   */
  async * checked (): AsyncGenerator<EnvelopeBlock> {
    for await (const block of this.#walk(envelopeRule('none'))) {
      this.#keptBytes += block.bytes.byteLength
      if (this.#keptBytes > evidenceCheckedBytesMax) {
        throw new LimitExceededError(`What has to be read to check the evidence has more than ${evidenceCheckedBytesMax} bytes`,
          { limit: 'evidenceCheckedBytesMax', max: evidenceCheckedBytesMax, actual: this.#keptBytes })
      }
      this.#kept.set(blockName(block.cid), block.bytes)
      yield block
    }
  }

  /** Walks through what else belongs to it. */
  async * payload (payload: ExportPayload): AsyncGenerator<EnvelopeBlock> {
    if (payload !== 'none') yield * this.#walk(envelopeRule(payload))
  }

  /** True when a block is one of those that are needed to check the envelope. */
  has (cid: CID): boolean {
    return this.#kept.has(blockName(cid))
  }

  /** @throws {@link InvalidDagError} when it is not one of those that are needed to check the envelope */
  async get (cid: CID): Promise<Uint8Array> {
    const kept = this.#kept.get(blockName(cid))
    if (kept !== undefined) return kept
    throw new InvalidDagError(`Block ${cid.toString()} is in a place of the evidence that needs no checking, and is looked for elsewhere`,
      { cid: cid.toString() })
  }

  async * #walk (rule: EntryRule): AsyncGenerator<EnvelopeBlock> {
    /** What was gone through already, by each rule. */
    const walked = new Map<EntryRule, Set<string>>()
    const frames: { places: readonly Place[], next: number }[] = [{ places: [{ cid: this.#root, path: '', rule }], next: 0 }]
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const place = frame.places[frame.next++]
      if (place === undefined) {
        frames.pop()
        continue
      }
      if (!isNew(walked, place)) continue
      const isMet = this.#met.has(blockName(place.cid))
      const bytes = isMet ? undefined : await this.#take(place)
      if (bytes !== undefined) yield { cid: place.cid.toV1(), bytes, path: place.path }
      if (place.cid.code === rawCodec) continue
      if (frames.length > dagDepthMax) throw tooDeep(place.cid)
      const node = decodeUnixfs(place.cid, bytes ?? await this.get(place.cid))
      frames.push({ places: placesIn(node, place), next: 0 })
    }
  }

  async #take ({ cid, path }: Place): Promise<Uint8Array> {
    if (this.#met.size >= dagBlocksMax) {
      throw new LimitExceededError(`The evidence has more than ${dagBlocksMax} blocks`,
        { limit: 'dagBlocksMax', max: dagBlocksMax, actual: dagBlocksMax + 1 })
    }
    this.#met.add(blockName(cid))
    return await this.#read(cid.toV1(), path)
  }
}

/** By the rule `whole` everything below is met that any other would find. */
function isNew (walked: Map<EntryRule, Set<string>>, { cid, rule }: Place): boolean {
  const name = blockName(cid)
  if (walked.get('whole')?.has(name) === true) return false
  const names = walked.get(rule) ?? new Set<string>()
  walked.set(rule, names)
  if (names.has(name)) return false
  names.add(name)
  return true
}

function placesIn (node: UnixfsNode, { path, rule }: Place): Place[] {
  if (node.type === 'file') return node.parts.map(({ cid }) => ({ cid, path, rule: 'whole' }))
  return node.links.flatMap(({ name, cid }): Place[] => {
    // What has no name in a shard is a shard of the same directory.
    if (node.type === 'shard' && name === '') return [{ cid, path, rule }]
    const own = ruleOfEntry(rule, name)
    return own === undefined ? [] : [{ cid, path: path === '' ? name : `${path}/${name}`, rule: own }]
  })
}

function tooDeep (cid: CID): LimitExceededError {
  return new LimitExceededError(`Block ${cid.toString()} of the evidence is ${dagDepthMax} links below its root and has links`,
    { limit: 'dagDepthMax', max: dagDepthMax, actual: dagDepthMax + 1, cid: cid.toString() })
}
