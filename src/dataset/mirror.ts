import { setTimeout as sleep } from 'node:timers/promises'
import { checkReaders } from '../bundle/readers.ts'
import { StoppedError } from '../errors.ts'
import { checkNumber, checkOptional, invalidArgument } from '../format/argument.ts'
import { datasetVersionsMax, mirrorIntervalMsDefault, timerMsMax } from '../limits.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { DatasetVersion } from '../interface/dataset-version.ts'
import type { DatasetMirror, MirrorOptions } from '../interface/dataset-mirror.ts'
import type { AbortOptions, Reference } from '../interface/primitives.ts'
import type { FetchOptions } from '../interface/options.ts'

/** Whose hold it is that keeps a mirrored version. */
export const mirrorOwner = 'mirror'

/** What a mirror needs of the node, with what was said of the dataset. */
export interface MirrorComponents {
  /** The versions that there are, the newest first. */
  history: (options: FetchOptions) => AsyncIterable<DatasetVersion>
  /** Fetches one version and holds it. */
  fetch: (ref: Reference, options: FetchOptions) => Promise<DatasetBundle>
  /** Lets go of a version that was held for a mirror. */
  release: (ref: Reference) => Promise<unknown>
  /** Roots of the versions of the dataset that are held for a mirror. */
  held: (options: AbortOptions) => Promise<readonly string[]>
  /** Runs a call until it ends or the node stops. */
  run: <T>(options: AbortOptions, call: (options: { signal: AbortSignal }) => Promise<T>) => Promise<T>
  log: (line: string) => void
}

/** @throws {@link InvalidArgumentError} when an option of a mirror is not of its form */
export function checkMirrorOptions ({ versions = 'all', intervalMs, readers, onVersion }: MirrorOptions): number {
  if (readers !== undefined) checkReaders(readers)
  checkNumber(intervalMs, 'intervalMs', { min: 1, max: timerMsMax })
  checkOptional(onVersion, 'onVersion', 'function')
  if (versions === 'all') return datasetVersionsMax
  if (versions === 'latest') return 1
  if (!Number.isSafeInteger(versions) || versions < 1) throw invalidArgument('versions', "'all', 'latest' or a number from 1", versions)
  return versions
}

/** Keeps a dataset: one look at a time, and again after each interval. */
export class Mirror implements DatasetMirror {
  readonly name: string
  versions: readonly DatasetVersion[] = []
  problem: Error | undefined
  readonly #components: MirrorComponents
  readonly #options: MirrorOptions
  readonly #count: number
  readonly #stopped = new AbortController()
  #looking: Promise<unknown> = Promise.resolve()
  #following: Promise<void> = Promise.resolve()

  /** @throws {@link InvalidArgumentError} when an option is not of its form */
  constructor (name: string, components: MirrorComponents, options: MirrorOptions) {
    this.name = name
    this.#components = components
    this.#options = options
    this.#count = checkMirrorOptions(options)
  }

  /** Looks once, and goes on looking. When it rejects nothing goes on. */
  async start (options: AbortOptions): Promise<this> {
    await this.update(options)
    this.#following = this.#follow()
    return this
  }

  async update (options: AbortOptions = {}): Promise<readonly DatasetVersion[]> {
    this.#stopped.signal.throwIfAborted()
    const look = this.#looking.then(async () =>
      await this.#components.run(this.#until(options), async own => await this.#look(own)))
    this.#looking = look.catch(() => {})
    try {
      const found = await look
      this.problem = undefined
      return found
    } catch (error) {
      this.problem = error instanceof Error ? error : new Error(String(error))
      throw error
    }
  }

  async stop (): Promise<void> {
    this.#stopped.abort(new StoppedError(`The mirror of ${this.name} was stopped`))
    await Promise.all([this.#following, this.#looking])
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await this.stop()
  }

  async #look ({ signal }: { signal: AbortSignal }): Promise<DatasetVersion[]> {
    const { history, fetch, held, release } = this.#components
    const wanted: DatasetVersion[] = []
    for await (const version of history({ ...this.#fetchOptions(), signal })) {
      if (wanted.push(version) === this.#count) break
    }
    const before = new Set(await held({ signal }))
    const came: DatasetVersion[] = []
    for (const version of wanted) {
      if (before.has(version.cid)) continue
      const bundle = await fetch(version.cid, { ...this.#fetchOptions(), hold: { owner: mirrorOwner }, signal })
      try {
        if (this.#options.readers !== undefined) await bundle.setReaders(this.#options.readers)
      } finally {
        await bundle.close()
      }
      came.push(version)
      this.#tell(version)
    }
    const kept = new Set(wanted.map(({ cid }) => cid))
    for (const cid of before) {
      if (!kept.has(cid)) await release(cid)
    }
    this.versions = wanted
    return came
  }

  async #follow (): Promise<void> {
    const { intervalMs = mirrorIntervalMsDefault } = this.#options
    try {
      for (;;) {
        await this.#components.run(this.#until({}), async ({ signal }) => {
          await sleep(intervalMs, undefined, { signal, ref: false })
        })
        await this.update().catch((error: unknown) => {
          if (error instanceof StoppedError) throw error
          this.#components.log(`mirror: ${this.name} is as it was: ${error instanceof Error ? error.message : String(error)}`)
        })
      }
    } catch {
      // The mirror or the node was stopped.
    }
  }

  #until ({ signal }: AbortOptions): { signal: AbortSignal } {
    const { signal: stopped } = this.#stopped
    return { signal: signal === undefined ? stopped : AbortSignal.any([stopped, signal]) }
  }

  #fetchOptions (): FetchOptions {
    const { providers, stallTimeoutMs, bytesMax, onProgress } = this.#options
    const given = Object.entries({ providers, stallTimeoutMs, bytesMax, onProgress })
    return Object.fromEntries(given.filter(([, value]) => value !== undefined))
  }

  #tell (version: DatasetVersion): void {
    try {
      this.#options.onVersion?.(version)
    } catch {
      // The host's display is no reason to stop.
    }
  }
}
