import { LimitExceededError } from '../errors.ts'
import { checkTexts } from '../format/argument.ts'
import { isAuditOrigin } from '../format/audit-origin.ts'
import { decodeCanonicalJson, encodeCanonicalJson } from '../format/canonical-json.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { isAddress } from '../format/hex.ts'
import { KeyedSlots } from '../format/slots.ts'
import { followConcurrency, followedMax, followIntervalMs, followsBytesMax, followTimeoutMs, shownLogsMax } from '../limits.ts'
import { FollowedLog } from './followed-log.ts'
import { filesIn } from './files-in.ts'
import type { NamedVersion } from '../interface/dataset-trail.ts'
import type { Address, JsonObject } from '../interface/primitives.ts'
import type { DurableFiles } from '../interface/store.ts'
import type { FollowComponents, FollowedLogInit } from './followed-log.ts'
import type { KeptCheckpoint } from './kept-checkpoints.ts'

/** What it is made of. */
export interface FollowedLogsInit extends Pick<FollowedLogInit, 'forks' | 'log'> {
  files: DurableFiles
}

/** How to follow one. */
export interface FollowLogOptions {
  /** Where it can be dialled; those of before when absent. */
  providers?: readonly string[] | undefined
  signal: AbortSignal
}

/** A log, and where its node can be dialled. */
interface Following {
  log: FollowedLog
  providers: readonly string[]
}

const mark = 'follows'

/** The logs that a node follows. */
export class FollowedLogs {
  readonly #init: FollowedLogsInit
  readonly #slots = new KeyedSlots()
  readonly #following = new Map<Address, Following>()
  /** Those that were looked at without being followed, the last few. */
  readonly #shown = new Map<Address, FollowedLog>()
  readonly #stopped = new AbortController()
  #components: FollowComponents | undefined
  #resumed: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor (init: FollowedLogsInit) {
    this.#init = init
  }

  /** Goes on with what an earlier process followed. */
  start (components: FollowComponents): void {
    this.#components = components
    this.#timer = setInterval(() => { void this.look() }, followIntervalMs).unref()
    void this.#resume()
  }

  /** Follows a node, and looks at its log now. Throws as `follow` of an audit trail does. */
  async follow (address: Address, { providers, signal }: FollowLogOptions): Promise<FollowedLog> {
    await this.#resume()
    const known = this.#following.get(address)
    if (known === undefined && this.#following.size >= followedMax) {
      throw new LimitExceededError(`${this.#following.size} nodes are followed, and no more can be: stop following one`,
        { limit: 'followedMax', max: followedMax, actual: this.#following.size + 1 })
    }
    const log = known?.log ?? this.#shown.get(address) ?? this.#make(address)
    const following: Following = { log, providers: providers ?? known?.providers ?? [] }
    try {
      await this.#update(following, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (following.log.mirror === undefined) throw error
      this.#init.log(`the audit trail of ${address} is not seen now: ${String(error)}`)
    }
    await this.#place(following)
    this.#following.set(address, following)
    this.#shown.delete(address)
    return following.log
  }

  /**
   * Looks at the log of a node now, without following it from then on. Where it is not shown, it is the log as it was seen last,
   * if it is followed or was looked at in this process. Throws as {@link FollowedLogs.follow} does.
   */
  async show (address: Address, { signal }: Pick<FollowLogOptions, 'signal'>): Promise<FollowedLog> {
    await this.#resume()
    const known = this.#following.get(address)
    const log = known?.log ?? this.#shown.get(address) ?? this.#make(address)
    try {
      if (known !== undefined) await this.update(log, signal)
      else await this.#update({ log, providers: [] }, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (log.mirror === undefined) throw error
      this.#init.log(`the audit trail of ${address} is not seen now: ${String(error)}`)
    }
    if (!this.#following.has(address)) this.#remember(log)
    return log
  }

  /** All of them. */
  async list (): Promise<FollowedLog[]> {
    await this.#resume()
    return [...this.#following.values()].map(({ log }) => log)
  }

  /** Looks at one of them now. */
  async update (log: FollowedLog, signal: AbortSignal): Promise<void> {
    const following = this.#following.get(log.address) ?? { log, providers: [] }
    const before = log.mirror
    await this.#update(following, signal)
    if (log.mirror !== before && this.#following.has(log.address)) await this.#place(following)
  }

  /** Looks at all of them. Never rejects. */
  async look (): Promise<void> {
    await forEachConcurrent(this.#following.values(), followConcurrency, async ({ log }) => {
      const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(followTimeoutMs)])
      await this.update(log, signal).catch((error: unknown) => {
        if (!this.#stopped.signal.aborted) this.#init.log(`the audit trail of ${log.address} is not seen now: ${String(error)}`)
      })
    })
  }

  /** Follows it no more; what was seen stays. */
  async forget ({ address }: FollowedLog): Promise<void> {
    await this.#init.files.remove(`followed/${address}/${mark}`)
    this.#following.delete(address)
  }

  /** The newest checkpoint that was seen of a log. */
  find (origin: string): KeptCheckpoint | undefined {
    return [...this.#following.values()].map(({ log }) => log.mirror?.seen).find(seen => seen?.checkpoint.origin === origin)
  }

  /** Versions of datasets that the logs name which are followed, or were looked at; none of those that were told in two ways. */
  async named (): Promise<NamedVersion[]> {
    await this.#resume()
    const logs = [...[...this.#following.values()].map(({ log }) => log), ...this.#shown.values()]
    return logs.flatMap(({ fork, named }) => fork === undefined ? named : [])
  }

  stop (): void {
    clearInterval(this.#timer)
    this.#stopped.abort()
  }

  #remember (log: FollowedLog): void {
    this.#shown.delete(log.address)
    this.#shown.set(log.address, log)
    for (const oldest of this.#shown.keys()) {
      if (this.#shown.size <= shownLogsMax) break
      this.#shown.delete(oldest)
    }
  }

  async #update ({ log, providers }: Following, signal: AbortSignal): Promise<void> {
    await this.#slots.run(log.address, async () => { await log.update(providers, { signal }) }, { signal })
  }

  async #place ({ log: { address, mirror }, providers }: Following): Promise<void> {
    const origin = mirror?.seen?.checkpoint.origin ?? ''
    await this.#init.files.place([{ path: `followed/${address}/${mark}`, bytes: encodeCanonicalJson({ origin, providers: [...providers] }) }])
  }

  #resume (): Promise<void> {
    this.#resumed ??= this.#readAll().catch((error: unknown) => {
      this.#resumed = undefined
      this.#init.log(`what is followed is not known yet: ${String(error)}`)
    })
    return this.#resumed
  }

  async #readAll (): Promise<void> {
    const { files, log } = this.#init
    for (const address of (await files.list('followed')).filter(isAddress).slice(0, followedMax)) {
      try {
        const bytes = await files.read(`followed/${address}/${mark}`, followsBytesMax)
        if (bytes === undefined || this.#following.has(address)) continue
        const { origin, providers } = decodeCanonicalJson(bytes, { bytesMax: followsBytesMax }) as JsonObject
        checkTexts(providers, 'providers')
        if (!isAuditOrigin(origin)) throw new TypeError('it is not noted which log it is')
        const followed = this.#make(address)
        await followed.open(origin)
        if (followed.mirror !== undefined) this.#following.set(address, { log: followed, providers })
      } catch (error) {
        log(`the audit trail of ${address} is not followed any more: ${String(error)}`)
      }
    }
  }

  #make (address: Address): FollowedLog {
    const { files, forks, log } = this.#init
    return new FollowedLog({ address, files: filesIn(files, `followed/${address}`), forks, log, components: () => this.#running() })
  }

  #running (): FollowComponents {
    if (this.#components === undefined) throw new TypeError('Nothing is followed before the node runs')
    return this.#components
  }
}
