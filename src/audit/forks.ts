/**
 * Proofs that a node told its log in two ways, kept for whoever asks: the first one of each log.
 *
 * ```
 * forks/<address>-<repository id>        a fork, see fork.ts
 * ```
 */
import { ForkedTrailError } from '../errors.ts'
import { decodeFork, encodeFork, verifyFork } from '../format/fork.ts'
import { forkBytesMax, forksMax } from '../limits.ts'
import { formatLogName } from './log-name.ts'
import type { Fork, VerifiedFork } from '../format/fork.ts'
import type { DurableFiles } from '../interface/store.ts'

/** A proof that was checked. */
export interface KeptFork extends VerifiedFork {
  fork: Fork
  /** The proof as it is on the drive. */
  bytes: Uint8Array<ArrayBuffer>
}

const directory = 'forks'

/** The proofs that this node has. */
export class Forks {
  readonly #files: DurableFiles
  readonly #log: (line: string) => void
  readonly #known = new Map<string, KeptFork>()

  constructor ({ files, log }: { files: DurableFiles, log: (line: string) => void }) {
    this.#files = files
    this.#log = log
  }

  /** Reads those that an earlier process kept. */
  async start (): Promise<void> {
    for (const name of (await this.#files.list(directory)).slice(0, forksMax)) {
      const bytes = await this.#files.read(`${directory}/${name}`, forkBytesMax)
      try {
        if (bytes !== undefined) this.#note(decodeFork(bytes))
      } catch (error) {
        this.#log(`the proof of a fork in ${directory}/${name} cannot be read: ${String(error)}`)
      }
    }
  }

  /** All of them. */
  all (): readonly KeptFork[] {
    return [...this.#known.values()]
  }

  /** The one of a log. */
  find (origin: string): KeptFork | undefined {
    return this.#known.get(origin)
  }

  /**
   * Checks a proof, and keeps it. It is known at once, also where it cannot be written, which is logged.
   *
   * @returns the first one that was kept of this log
   * @throws {@link InvalidForkError} when it proves nothing
   */
  async keep (fork: Fork): Promise<KeptFork> {
    const { origin } = fork.earlier.auditKey
    const known = this.#known.get(origin)
    if (known !== undefined) return known
    const kept = this.#note(fork)
    this.#log(`the log ${origin} was told in two ways: of ${kept.earlier.size} entries, and of ${kept.later.size}`)
    try {
      if (this.#known.size <= forksMax) await this.#files.place([{ path: `${directory}/${formatLogName(origin)}`, bytes: kept.bytes }])
    } catch (error) {
      this.#log(`the proof of a fork of ${origin} is not on the drive: ${String(error)}`)
    }
    return kept
  }

  #note (fork: Fork): KeptFork {
    const kept = { ...verifyFork(fork), fork, bytes: encodeFork(fork) }
    this.#known.set(kept.origin, kept)
    return kept
  }
}

/** The error that shows a fork. */
export function forkedTrail ({ fork, origin, earlier, later, bytes }: KeptFork): ForkedTrailError {
  return new ForkedTrailError(
    `The log ${origin} was told in two ways: its checkpoint of ${later.size} entries does not continue the one of ${earlier.size}.` +
    ' Trust neither, and keep the proof that comes with this error', { origin, earlier: fork.earlier.note.text, later: fork.later.note.text, fork: bytes })
}
