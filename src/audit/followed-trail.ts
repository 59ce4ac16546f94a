import { StoppedError } from '../errors.ts'
import { checkOptions } from '../format/argument.ts'
import { encodeAuditKey } from '../format/audit-key.ts'
import { toHex } from '../format/hex.ts'
import { encodeNote } from '../format/signed-note.ts'
import { encodeTlogProof } from '../format/tlog-proof.ts'
import { tileHashes } from '../limits.ts'
import { proveInclusion, verifyInclusion } from '../merkle/inclusion.ts'
import { EntryFinder } from './entry-finder.ts'
import { digestOf, notAnEntry } from './entry-digest.ts'
import type { AuditEntry, FollowedTrail, LogCheckpoint } from '../interface/audit.ts'
import type { AbortOptions, Address } from '../interface/primitives.ts'
import type { FollowedLog } from './followed-log.ts'
import type { FollowedLogs } from './followed-logs.ts'
import type { KeptCheckpoint } from './kept-checkpoints.ts'
import type { Mirror } from './mirror.ts'
import type { RunCall } from './run-call.ts'

/** What is at hand of a log at one moment. */
interface Moment {
  mirror: Mirror
  seen: KeptCheckpoint
}

/** A host's handle on a followed log. */
export function createFollowedTrail (log: FollowedLog, logs: Pick<FollowedLogs, 'update' | 'forget'>, run: RunCall): FollowedTrail {
  return new FollowedLogHandle(log, logs, run)
}

class FollowedLogHandle implements FollowedTrail {
  readonly address: Address
  readonly #log: FollowedLog
  readonly #logs: Pick<FollowedLogs, 'update' | 'forget'>
  readonly #run: RunCall
  readonly #finders = new WeakMap<Mirror, EntryFinder>()

  constructor (log: FollowedLog, logs: Pick<FollowedLogs, 'update' | 'forget'>, run: RunCall) {
    this.address = log.address
    this.#log = log
    this.#logs = logs
    this.#run = run
  }

  get checkpoint (): LogCheckpoint {
    return describe(this.#now().seen)
  }

  get fork (): Uint8Array<ArrayBuffer> | undefined {
    return this.#log.fork?.bytes
  }

  async update (options: AbortOptions = {}): Promise<LogCheckpoint> {
    return await this.#run(options, async ({ signal }) => {
      await this.#logs.update(this.#log, signal)
      return this.checkpoint
    })
  }

  async * entries (options: AbortOptions = {}): AsyncGenerator<Pick<AuditEntry, 'index' | 'digest'>> {
    checkOptions(options)
    const { mirror, seen } = this.#now()
    for (let index = 0; index < seen.checkpoint.size;) {
      const tile = await this.#run(options, async () => await mirror.entriesOf(index / tileHashes))
      for (const entry of tile.slice(0, seen.checkpoint.size - index)) yield { index: index++, digest: toHex(entry) }
    }
  }

  async proveInclusion (entry: Parameters<FollowedTrail['proveInclusion']>[0], options: AbortOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    return await this.#run(options, async options => {
      const digest = digestOf(entry)
      const { mirror, seen: { checkpoint: tree, note } } = this.#now()
      const index = await this.#finderOf(mirror).find(digest, tree.size, options)
      if (index === undefined) throw notAnEntry(digest, `the log of ${this.address}, as far as it was seen: ${tree.size} entries`)
      const hashes = await proveInclusion(index, tree.size, mirror.hashes(tree.size), options)
      verifyInclusion({ entry: digest, index, tree }, hashes)
      return encodeTlogProof({ index, hashes, note })
    })
  }

  async stop (): Promise<void> {
    await this.#run({}, async () => { await this.#logs.forget(this.#log) })
  }

  #now (): Moment {
    const { mirror } = this.#log
    if (mirror?.seen === undefined) throw new StoppedError(`Nothing was seen of the log of ${this.address}`)
    return { mirror, seen: mirror.seen }
  }

  #finderOf (mirror: Mirror): EntryFinder {
    const finder = this.#finders.get(mirror) ?? new EntryFinder(async tile => await mirror.entriesOf(tile))
    this.#finders.set(mirror, finder)
    return finder
  }
}

function describe ({ auditKey, note, checkpoint: { origin, size, root } }: KeptCheckpoint): LogCheckpoint {
  return { origin, size, root, note: encodeNote(note), auditKey: encodeAuditKey(auditKey) }
}
