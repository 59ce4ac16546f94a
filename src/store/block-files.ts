import type { CID } from 'multiformats/cid'
import { StorageError } from '../errors.ts'
import { DigestMap } from '../format/digest-map.ts'
import { TransientMap } from '../format/transient-map.ts'
import { blockKey } from './block-key.ts'
import type { FileSystem } from './file-system.ts'
import type { RepositoryPaths } from './paths.ts'
import { placeFile } from './place-file.ts'

/** A question whether a block is listed, and whether it was put since. */
interface Question {
  isStale: boolean
}

/**
 * Blocks with a file each. A file gets its name only when its bytes are on the drive. Several staging areas may put the
 * same block: it is written once, and stays while one of them counts on it.
 */
export class BlockFiles {
  readonly #fileSystem: FileSystem
  readonly #paths: RepositoryPaths
  /** How many staging areas count on a file, twice, and one more when it is written. */
  readonly #claims = new DigestMap()
  /** Files that are being written. */
  readonly #writes = new TransientMap<string, Promise<void>>()
  readonly #removals = new TransientMap<string, Promise<void>>()
  /** Questions under way whether a block is listed. */
  readonly #questions = new TransientMap<string, Set<Question>>()
  readonly #directories = new Set<string>()

  constructor (fileSystem: FileSystem, paths: RepositoryPaths) {
    this.#fileSystem = fileSystem
    this.#paths = paths
  }

  /** Writes a block and claims it, also when it rejects. Every call needs one `release`. */
  write (cid: CID, bytes: Uint8Array, options: { essential?: boolean } = {}): Promise<void> {
    const key = blockKey(cid)
    this.#claim(cid)
    if (this.#isWritten(cid)) return Promise.resolve()
    const known = this.#writes.get(key)
    if (known !== undefined) return known
    const written = this.#write(key, cid, bytes, options.essential === true)
    this.#writes.set(key, written)
    const end = (isWritten: boolean): void => {
      // It was doubted, or let go, meanwhile.
      if (this.#writes.get(key) !== written) return
      this.#writes.delete(key)
      if (isWritten) this.trust(cid)
    }
    written.then(() => { end(true) }, () => { end(false) })
    return written
  }

  /** Claims a file that is there; it needs one `release`. Whoever puts the block writes it anew, until the file is trusted. */
  claim (cid: CID): void {
    this.#claim(cid)
  }

  /** Says that a claimed file has the bytes of its block. */
  trust (cid: CID): void {
    const claim = this.#claims.get(cid.multihash.digest)
    if (claim !== undefined) this.#claims.set(cid.multihash.digest, claim | 1)
  }

  /** Says that a claimed file does not: whoever puts the block writes it anew. */
  doubt (cid: CID): void {
    const claim = this.#claims.get(cid.multihash.digest)
    if (claim !== undefined) this.#claims.set(cid.multihash.digest, (claim & ~1) >>> 0)
    this.#writes.delete(blockKey(cid))
  }

  /** True when somebody counts on the file of a block. */
  isClaimed (cid: CID): boolean {
    return this.#claims.has(cid.multihash.digest)
  }

  /** Gives up a claim. The file goes with the last one, unless it is listed. True when it is gone. */
  async release (cid: CID, isListed: () => Promise<boolean>): Promise<boolean> {
    const key = blockKey(cid)
    const { digest } = cid.multihash
    const claim = (this.#claims.get(digest) ?? 0) - 2
    if (claim < 0) return false
    this.#claims.set(digest, claim)
    if (claim > 1) return false
    const answer = await this.#ask(key, isListed)
    // Whoever has put the block again in the meantime asks again.
    if (answer === 'stale' || (this.#claims.get(digest) ?? 0) > 1) return false
    this.#claims.delete(digest)
    this.#writes.delete(key)
    if (answer === 'unlisted') await this.#remove(key, cid)
    return answer === 'unlisted'
  }

  /** Removes the file of a block that is not listed any more, unless somebody counts on it. True when it was removed. */
  async remove (cid: CID, isListed: () => Promise<boolean>): Promise<boolean> {
    const key = blockKey(cid)
    if (this.isClaimed(cid) || await this.#ask(key, isListed) !== 'unlisted' || this.isClaimed(cid)) return false
    await this.#remove(key, cid)
    return true
  }

  /** Where the names of these blocks are. */
  directoriesOf (cids: Iterable<CID>): Set<string> {
    const directories = new Set<string>()
    for (const cid of cids) directories.add(this.#paths.block(cid).directory)
    return directories
  }

  #claim (cid: CID): void {
    const { digest } = cid.multihash
    this.#claims.set(digest, (this.#claims.get(digest) ?? 0) + 2)
    for (const question of this.#questions.get(blockKey(cid)) ?? []) question.isStale = true
  }

  #isWritten (cid: CID): boolean {
    return ((this.#claims.get(cid.multihash.digest) ?? 0) & 1) === 1
  }

  /** What was true may not be any more: a block can be put, listed and let go while the answer is on its way. */
  async #ask (key: string, isListed: () => Promise<boolean>): Promise<'listed' | 'unlisted' | 'stale'> {
    const question: Question = { isStale: false }
    const questions = this.#questions.get(key) ?? new Set<Question>()
    this.#questions.set(key, questions.add(question))
    try {
      const listed = await isListed()
      return question.isStale ? 'stale' : listed ? 'listed' : 'unlisted'
    } finally {
      questions.delete(question)
      if (questions.size === 0) this.#questions.delete(key)
    }
  }

  async #remove (key: string, cid: CID): Promise<void> {
    const removal = this.#fileSystem.remove(this.#paths.block(cid).file)
    this.#removals.set(key, removal)
    try {
      await removal
    } finally {
      this.#removals.delete(key)
    }
  }

  async #write (key: string, cid: CID, bytes: Uint8Array, essential: boolean): Promise<void> {
    await this.#removals.get(key)?.catch(() => { /* The file is written over. */ })
    const { directory, file } = this.#paths.block(cid)
    if (!this.#directories.has(directory)) {
      await this.#fileSystem.makeDirectory(directory)
      this.#directories.add(directory)
    }
    const place = (): Promise<void> => placeFile(this.#fileSystem, this.#paths, file, [bytes], { sync: true, essential })
    await place().catch(async (error: unknown) => {
      if (!(error instanceof StorageError) || error.details['code'] !== 'ENOENT') throw error
      // Somebody took the directory away.
      await this.#fileSystem.makeDirectory(directory)
      await place()
    })
  }
}
