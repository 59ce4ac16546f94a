/**
 * How statements come into the trail of the node that signs them.
 *
 * Publishing waits for its record, not for the trail: statements wait a moment for others, and are appended together. What makes
 * sure that none is lost is a file `behind` beside the trail. It is on the drive before the first statement of a process is
 * stored, and goes when the process ends in order with nothing left to append. Where it is found when a repository is opened, the
 * statements of all stored bundles are looked for in the trail, and those that it lacks are appended. A bundle is kept on disk
 * until its statement is in the trail, so that collecting it does not take the statement away.
 *
 * Before the first append the guard compares the trail with what others have seen of it (`trail-guard.ts`). Publishing does not
 * wait for that, and goes on where the guard refuses: then the file `behind` stays, and the statements wait where they are
 * stored, with their bundles, until a later process may append them. In memory are as many of them as may wait, and the others
 * are let go.
 */
import { auditKeyLabel } from '../format/audit-key.ts'
import { formatAuditOrigin } from '../format/audit-origin.ts'
import { statementDigest } from '../format/eip712.ts'
import { trailBatchMax, trailDelayMs, trailRetryMs, trailStopTimeoutMs, trailWaitingMax } from '../limits.ts'
import { within } from '../network/within.ts'
import { missingDigests, ownStatements } from './missing-statements.ts'
import { openTrail } from './trail.ts'
import type { ExpectedStatement, StatementLog } from '../interface/audit.ts'
import type { Identity } from '../interface/network.ts'
import type { Statement } from '../interface/statement.ts'
import type { DurableFiles, Store } from '../interface/store.ts'
import type { TrailGuard } from './trail-guard.ts'
import type { Trail } from './trail.ts'

/** What it is made of. */
export interface StatementTrailInit {
  files: DurableFiles
  /** Opens the trail: not before there is something to do. */
  open: () => Promise<Trail>
  /** Statements of this node that are stored now. */
  stored: () => readonly Statement[]
  /** By default it lets everything pass. */
  guard?: Pick<TrailGuard, 'asksOthers' | 'pass' | 'refusal'>
  /** Told when the trail has a newer checkpoint. */
  onAppended?: (trail: Trail) => void
  log: (line: string) => void
}

/** A statement that waits to be appended. */
interface Waiting {
  digest: Uint8Array
  kept: Disposable
}

const mark = 'behind'
const openGuard: Required<StatementTrailInit>['guard'] = { asksOthers: false, refusal: undefined, pass: async () => {} }

/** What the trail of a node is made of. */
export interface NodeTrailInit extends Pick<StatementTrailInit, 'guard' | 'onAppended'> {
  store: Pick<Store, 'auditFiles' | 'records' | 'repositoryId'>
  identity: Pick<Identity, 'deriveSigner' | 'sign' | 'signer'>
  /** Milliseconds since 1970. */
  clock: () => number
  log: (line: string) => void
}

/** The way into the trail of a repository. Nothing of it is read yet. */
export function createStatementTrail ({ store, identity, clock, log, ...rest }: NodeTrailInit): StatementTrail {
  const { auditFiles: files, repositoryId } = store
  const { signer: address } = identity
  const origin = formatAuditOrigin({ address, repositoryId })
  const signs = { address, sign: async (digest: Uint8Array) => await identity.sign(digest) }
  const open = async (): Promise<Trail> =>
    await openTrail({ files, signer: { origin, identity: signs, key: identity.deriveSigner(auditKeyLabel), clock }, log })
  return new StatementTrail({ files, open, stored: () => ownStatements(store.records(), address), log, ...rest })
}

/** Brings statements into a trail. */
export class StatementTrail implements StatementLog {
  readonly #init: Required<StatementTrailInit>
  readonly #waiting: Waiting[] = []
  /** Statements that were stored by an earlier process, which may have ended before they were appended. */
  #unsure: readonly Statement[] = []
  /** How many were stored since, and how many of them are appended. */
  #stored = 0
  #appended = 0
  /** Statements that were announced, and of which nothing was said since. */
  #announced = 0
  #trail: Promise<Trail> | undefined
  #marked: Promise<void> | undefined
  #appending: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #isStopped = false
  /** True when statements are stored that nobody here remembers: the next process looks for them. */
  #hasForgotten = false
  #failure: Error | undefined

  constructor (init: StatementTrailInit) {
    this.#init = { guard: openGuard, onAppended: () => {}, ...init }
  }

  /** Looks whether an earlier process left something to append. Nothing may be published before. */
  async start (): Promise<void> {
    const names = await this.#init.files.list('')
    if (names.includes(mark)) this.#marked = Promise.resolve()
    // Without a trail there may be statements of an earlier release.
    if (names.includes('checkpoint') && this.#marked === undefined) return
    this.#unsure = this.#init.stored()
    if (this.#unsure.length > 0) this.#schedule(0)
  }

  /** Why what waited last could not be appended, or the trail not be opened; undefined when it could. */
  get failure (): Error | undefined {
    return this.#failure
  }

  async expect (): Promise<ExpectedStatement> {
    const isRefused = this.#init.guard.refusal !== undefined
    if (this.#waiting.length >= trailWaitingMax && !isRefused) await this.flush()
    this.#announced++
    await this.#mark()
    return {
      stored: (statement, kept) => {
        this.#announced--
        if (this.#waiting.length >= trailWaitingMax && this.#init.guard.refusal !== undefined) {
          this.#hasForgotten = true
          kept[Symbol.dispose]()
          return
        }
        this.#stored++
        this.#waiting.push({ digest: statementDigest(statement), kept })
        this.#schedule(trailDelayMs)
      },
      dropped: () => { this.#announced-- }
    }
  }

  /**
   * Appends everything that waits now.
   *
   * @returns the trail that has it
   * @throws {@link StaleTrailError}, {@link ForkedTrailError} when the trail may not be appended to
   */
  async flush (): Promise<Trail> {
    try {
      const trail = await this.#flush()
      this.#failure = undefined
      return trail
    } catch (error) {
      this.#failure = error instanceof Error ? error : new Error(String(error))
      throw error
    }
  }

  /** The trail as it is, whether it may be appended to or not. @throws {@link DamagedTrailError} when it cannot be opened */
  open (): Promise<Trail> {
    this.#trail ??= this.#init.open().catch((error: unknown) => {
      this.#trail = undefined
      throw error
    })
    return this.#trail
  }

  async settle (): Promise<void> {
    if (this.#waiting.length > 0) await this.flush().catch((error: unknown) => { this.#sayLeft(error) })
  }

  async settleAtOnce (): Promise<void> {
    if (!this.#init.guard.asksOthers) await this.settle()
  }

  async #flush (): Promise<Trail> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const target = this.#stored
    // A trail that was begun and is not complete is known by the mark alone.
    if (this.#unsure.length > 0) await this.#mark()
    const trail = await this.open()
    await this.#init.guard.pass(trail)
    while (this.#unsure.length > 0 || this.#appended < target) {
      this.#appending ??= this.#append(trail).finally(() => { this.#appending = undefined })
      await this.#appending
    }
    return trail
  }

  /** Appends what it can in a moment, and leaves the rest to the next start. Never rejects. */
  async stop (): Promise<void> {
    this.#isStopped = true
    clearTimeout(this.#timer)
    if (this.#marked === undefined) return
    const finishing = this.#finish().catch((error: unknown) => { this.#sayLeft(error) })
    await within(trailStopTimeoutMs, finishing)
  }

  async #finish (): Promise<void> {
    if (this.#unsure.length + this.#waiting.length > 0) await this.flush()
    if (this.#announced + this.#waiting.length === 0 && !this.#hasForgotten) await this.#init.files.remove(mark)
  }

  async #append (trail: Trail): Promise<void> {
    const before = trail.size
    if (this.#unsure.length > 0) {
      await trail.append(await missingDigests(trail, this.#unsure))
      this.#unsure = []
    }
    const batch = this.#waiting.slice(0, trailBatchMax)
    await trail.append(batch.map(({ digest }) => digest))
    this.#waiting.splice(0, batch.length)
    this.#appended += batch.length
    for (const { kept } of batch) kept[Symbol.dispose]()
    if (trail.size > before) this.#init.onAppended(trail)
  }

  #mark (): Promise<void> {
    this.#marked ??= this.#init.files.place([{ path: mark, bytes: new Uint8Array(0) }]).catch((error: unknown) => {
      this.#marked = undefined
      throw error
    })
    return this.#marked
  }

  #schedule (delayMs: number): void {
    if (this.#isStopped) return
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.flush().catch((error: unknown) => {
        this.#sayLeft(error)
        if (this.#init.guard.refusal === undefined) this.#schedule(trailRetryMs)
      })
    }, delayMs).unref()
  }

  #sayLeft (error: unknown): void {
    this.#init.log(`${this.#unsure.length + this.#waiting.length} statements are not in the audit trail yet: ${String(error)}`)
  }
}
