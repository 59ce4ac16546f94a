/**
 * The newest checkpoints of other nodes' logs, one file for each, named after its origin:
 *
 * ```
 * witnessed/<address>-<repository id>        a seen checkpoint, see seen-checkpoint.ts
 * ```
 *
 * Beside them may be one of this node's own log: what somebody else showed it that its own trail has lost.
 */
import { Slots } from '../format/slots.ts'
import { parseAuditOrigin } from '../format/audit-origin.ts'
import { decodeSeenCheckpoint, encodeSeenCheckpoint, verifySeenCheckpoint } from '../format/seen-checkpoint.ts'
import { seenCheckpointBytesMax, witnessedLogsMax, witnessedLogsPerAddressMax } from '../limits.ts'
import { formatLogName, parseLogName } from './log-name.ts'
import type { Checkpoint } from '../format/checkpoint.ts'
import type { SeenCheckpoint } from '../format/seen-checkpoint.ts'
import type { DurableFiles } from '../interface/store.ts'

/** A checkpoint that was verified. */
export interface KeptCheckpoint extends SeenCheckpoint {
  checkpoint: Checkpoint
}

/** What it is made of. */
export interface KeptCheckpointsInit {
  files: DurableFiles
  log: (line: string) => void
  /** By default those of `limits.ts`. */
  logsMax?: number
}

const directory = 'witnessed'

/**
 * Checks that a seen checkpoint is of the log that it names, and signed by the node whose log that is.
 * Throws as `verifyCheckpoint` does.
 */
export function verifyKept (seen: SeenCheckpoint): KeptCheckpoint {
  const { origin } = seen.auditKey
  const { checkpoint } = verifySeenCheckpoint(seen, { address: parseAuditOrigin(origin).address, origin })
  return { ...seen, checkpoint }
}

/** What this node remembers of logs. */
export class KeptCheckpoints {
  readonly #init: Required<KeptCheckpointsInit>
  readonly #turns = new Slots(1)
  #names: Promise<Set<string>> | undefined

  constructor (init: KeptCheckpointsInit) {
    this.#init = { logsMax: witnessedLogsMax, ...init }
  }

  /** The newest checkpoint of a log that was kept. */
  async find (origin: string): Promise<KeptCheckpoint | undefined> {
    const name = formatLogName(origin)
    const names = await this.#list()
    if (!names.has(name)) return undefined
    const bytes = await this.#init.files.read(`${directory}/${name}`, seenCheckpointBytesMax)
    try {
      return bytes === undefined ? undefined : verifyKept(decodeSeenCheckpoint(bytes))
    } catch (error) {
      this.#init.log(`what was kept of the log ${origin} cannot be read: ${String(error)}`)
      return undefined
    }
  }

  /**
   * Keeps a checkpoint in place of the one of its log that was kept before. When it resolves it is on the drive.
   *
   * @returns false when as many other logs are kept as may be
   * @throws {@link StorageFullError}, {@link StorageError} when it cannot be written
   */
  async keep (seen: SeenCheckpoint): Promise<boolean> {
    return await this.#turns.run(async () => {
      const names = await this.#list()
      const name = formatLogName(seen.auditKey.origin)
      if (!names.has(name)) {
        await this.#makeRoom(names, parseAuditOrigin(seen.auditKey.origin).address)
        if (names.size >= this.#init.logsMax) return false
      }
      await this.#init.files.place([{ path: `${directory}/${name}`, bytes: encodeSeenCheckpoint(seen) }])
      names.add(name)
      return true
    })
  }

  /** A node that makes many logs loses its own. */
  async #makeRoom (names: Set<string>, address: string): Promise<void> {
    const own = [...names].filter(name => name.startsWith(`${address}-`))
    for (const name of own.slice(0, Math.max(0, own.length - witnessedLogsPerAddressMax + 1))) {
      await this.#init.files.remove(`${directory}/${name}`)
      names.delete(name)
    }
  }

  #list (): Promise<Set<string>> {
    this.#names ??= this.#init.files.list(directory)
      .then(names => new Set(names.filter(name => parseLogName(name) !== undefined)))
      .catch((error: unknown) => {
        this.#names = undefined
        throw error
      })
    return this.#names
  }
}
