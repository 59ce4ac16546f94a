import type { CID } from 'multiformats/cid'
import { forEachConcurrent } from '../format/concurrent.ts'
import { writeConcurrency } from '../limits.ts'
import { blockKey } from './block-key.ts'
import type { SpaceAmount } from './space-request.ts'
import type { StoreParts } from './store-parts.ts'

/** What claims are made with. */
export type ClaimedFilesParts = Pick<StoreParts, 'blockFiles' | 'index' | 'log'>

/** Files of blocks that one user counts on. Each goes with the last claim on it, unless a bundle lists it by then. */
export class ClaimedFiles {
  readonly #parts: ClaimedFilesParts
  /** One for each claim: a write that failed may be tried again. */
  #claims: { cid: CID, key: string, length: number }[] = []
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
    this.#claims.push({ cid, key: blockKey(cid), length: bytes.byteLength })
    return this.#parts.blockFiles.write(cid, bytes, options)
  }

  /** Claims the file of a block that is there. */
  claim (cid: CID, length: number): void {
    this.#claims.push({ cid, key: blockKey(cid), length })
    this.#parts.blockFiles.claim(cid)
  }

  /** Gives up what is not needed, and says what is gone. Never rejects: what cannot be removed waits for the next open. */
  async release (isNeeded: (key: string) => boolean = () => false): Promise<SpaceAmount> {
    const { blockFiles, index, log } = this.#parts
    const gone = { bytes: 0, files: 0 }
    const given = this.#claims.filter(({ key }) => !isNeeded(key))
    this.#claims = this.#claims.filter(({ key }) => isNeeded(key))
    await forEachConcurrent(given, writeConcurrency, async ({ cid, key, length }) => {
      try {
        if (!await blockFiles.release(cid, () => index.hasFile(key))) return
        gone.bytes += length
        gone.files++
      } catch (error) {
        if (!this.#isLeaking) log(`blocks of no bundle stay until the repository is opened again: ${String(error)}`)
        this.#isLeaking = true
      }
    })
    return gone
  }

  /** Leaves every file where it is, for as long as this process lasts. */
  abandon (): void {
    this.#claims = []
    this.#isLeaking = true
  }
}
