import { setImmediate } from 'node:timers/promises'
import type { CID } from 'multiformats/cid'
import { forEachConcurrent } from '../format/concurrent.ts'
import { DigestMap } from '../format/digest-map.ts'
import { inBatches } from '../format/in-batches.ts'
import { releaseConcurrency, releasedAtOnce } from '../limits.ts'
import { blockKey, cidOfKey, keyOfDigest } from './block-key.ts'
import type { CommitList } from './commit-list.ts'
import { inParts } from './in-parts.ts'
import type { SpaceAmount } from './space-request.ts'
import type { StoreParts } from './store-parts.ts'

/** What claims are made with. */
export type ClaimedFilesParts = Pick<StoreParts, 'blockFiles' | 'index' | 'log'>

/** Files of blocks that one user counts on. Each goes with the last claim on it, unless a bundle lists it by then. */
export class ClaimedFiles {
  readonly #parts: ClaimedFilesParts
  /** Lengths of the blocks that are claimed. */
  #claims = new DigestMap()
  /** Claims beside the first one of a block: a write that failed may be tried again. */
  #again: CID[] = []
  #listed: Pick<CommitList, 'hasFile'> | undefined
  #isLeaking = false

  constructor (parts: ClaimedFilesParts) {
    this.#parts = parts
  }

  /** True when a file may be left that nobody counts on. */
  get isLeaking (): boolean {
    return this.#isLeaking
  }

  /** Writes a block and claims its file, also when it rejects. */
  write (cid: CID, bytes: Uint8Array, options: { essential?: boolean } = {}): Promise<void> {
    this.#note(cid, bytes.byteLength)
    return this.#parts.blockFiles.write(cid, bytes, options)
  }

  /** Claims the file of a block that is there. */
  claim (cid: CID, length: number): void {
    this.#note(cid, length)
    this.#parts.blockFiles.claim(cid)
  }

  /** Says that a bundle lists these blocks until claims are released: of a large one the index would be asked for each. */
  listed (blocks: Pick<CommitList, 'hasFile'>): void {
    this.#listed = blocks
  }

  /** Gives up what is not needed, and says what is gone. Never rejects: what cannot be removed waits for the next open. */
  async release (isNeeded?: (key: string) => boolean): Promise<SpaceAmount> {
    const gone = { bytes: 0, files: 0 }
    const { given, again } = this.#giveUp(isNeeded)
    const { blockFiles, index, log } = this.#parts
    const isListed = inBatches((keys: readonly string[]) => index.haveFiles(keys))
    const giveUp = async (cid: CID, length: number): Promise<void> => {
      try {
        const isKnown = this.#listed?.hasFile(cid.multihash.digest) === true
        if (!await blockFiles.release(cid, async () => isKnown || await isListed(blockKey(cid)) === true)) return
        gone.bytes += length
        gone.files++
      } catch (error) {
        if (!this.#isLeaking) log(`blocks of no bundle stay until the repository is opened again: ${String(error)}`)
        this.#isLeaking = true
      }
    }
    for (const cid of again) await giveUp(cid, 0)
    for (const [part, isLast] of inParts(given, releasedAtOnce)) {
      await forEachConcurrent(part, releaseConcurrency, async ([digest, length]) => {
        await giveUp(cidOfKey(keyOfDigest(digest)), length)
      })
      // Where it is known that all are listed, nothing was waited for.
      if (!isLast) await setImmediate()
    }
    given.clear()
    return gone
  }

  /** Leaves every file where it is, for as long as this process lasts. */
  abandon (): void {
    this.#claims = new DigestMap()
    this.#again = []
    this.#isLeaking = true
  }

  #note (cid: CID, length: number): void {
    const { digest } = cid.multihash
    if (this.#claims.has(digest)) this.#again.push(cid)
    else this.#claims.set(digest, length)
  }

  /** Takes the claims on what is not needed out, all at once: others may claim more meanwhile. */
  #giveUp (isNeeded?: (key: string) => boolean): { given: DigestMap, again: CID[] } {
    const claims = this.#claims
    if (isNeeded === undefined) {
      const again = this.#again
      this.#claims = new DigestMap()
      this.#again = []
      return { given: claims, again }
    }
    const [given, kept] = [new DigestMap(), new DigestMap()]
    for (const [digest, length] of claims) (isNeeded(keyOfDigest(digest)) ? kept : given).set(digest, length)
    claims.clear()
    const again = this.#again.filter(cid => given.has(cid.multihash.digest))
    this.#claims = kept
    this.#again = this.#again.filter(cid => kept.has(cid.multihash.digest))
    return { given, again }
  }
}
