import { CorruptBlockError, NotStoredError, TimedOutError } from '../errors.ts'
import { linksOf, rawCodec } from '../format/dag-links.ts'
import { firstChild, nextSibling } from '../format/dag-position.ts'
import { DagWalk } from '../format/dag-walk.ts'
import { fetchBytesMax, fetchStallTimeoutMs, healOneByOneMax, smallBundleBytesMax } from '../limits.ts'
import { withDeadline } from '../transfer/deadline.ts'
import { RemoteDag } from './remote-dag.ts'
import { SharedWorks } from './shared-work.ts'
import type { Logger } from '../interface/data-node.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { ProgressOptions } from '../interface/progress.ts'
import type { Staging, Store, StoredBundle } from '../interface/store.ts'
import type { Transfer } from '../interface/transfer.ts'
import type { DagReader } from './dag-reader.ts'
import type { DagStep } from '../format/dag-walk.ts'
import type { CID } from 'multiformats/cid'

/** What healing needs from the node. */
export interface HealComponents {
  store: Store
  transfer: Pick<Transfer, 'fetchDag'>
  log?: Logger | undefined
}

/** Who may have what is missing. */
export interface HealOptions extends AbortOptions, ProgressOptions {
  /** Addresses, peer ids or multiaddrs to ask before those who signed the bundle. */
  providers?: readonly string[] | undefined
  bytesMax?: number | undefined
  stallTimeoutMs?: number | undefined
}

const running = new WeakMap<Store, SharedWorks<StoredBundle>>()

/**
 * Makes a stored bundle whole again: brings the blocks that are damaged or missing from other nodes, and nothing else. Callers
 * who ask for the same root at the same time share one transfer.
 *
 * @throws {@link NotStoredError} when the root is not stored
 * @throws {@link UnavailableError}, {@link TimedOutError}, {@link CorruptTransferError}, {@link RefusedError} as the
 *   transfer ends
 */
export async function healBundle (components: HealComponents, root: CID, options: HealOptions = {}): Promise<StoredBundle> {
  options.signal?.throwIfAborted()
  const healings = running.get(components.store) ?? new SharedWorks<StoredBundle>()
  running.set(components.store, healings)
  const key = root.toV1().toString()
  const known = healings.running(key)
  if (known === undefined) {
    return await healings.start(key, signal => heal(components, root, { ...options, signal })).join(options.signal)
  }
  try {
    return await known.join(options.signal)
  } catch (error) {
    // Another caller's providers are not this one's.
    if (options.signal?.aborted === true || (options.providers ?? []).length === 0) throw error
    return healBundle(components, root, options)
  }
}

/** Reads a stored bundle. When a block is damaged, the bundle is healed first, if others can be asked. */
export function healingReader (
  { store, transfer, log }: Omit<HealComponents, 'transfer'> & { transfer?: HealComponents['transfer'] | undefined }, root: CID
): DagReader {
  const blocks = store.reader(root)
  return {
    get: async ({ cid }, options) => {
      try {
        return await blocks.get(cid, options)
      } catch (error) {
        if (!(error instanceof CorruptBlockError) || transfer === undefined) throw error
        await healBundle({ store, transfer, log }, root, options).catch((reason: unknown) => {
          options?.signal?.throwIfAborted()
          throw unhealed(error, reason)
        })
        return blocks.get(cid, options)
      }
    }
  }
}

function unhealed ({ message, details, cause }: CorruptBlockError, reason: unknown): CorruptBlockError {
  return new CorruptBlockError(message, { ...details, cause, heal: reason instanceof Error ? reason.message : String(reason) })
}

async function heal (
  { store, transfer, log }: HealComponents, root: CID, options: HealOptions & { signal: AbortSignal }
): Promise<StoredBundle> {
  const stored = store.record(root)
  if (stored === undefined) throw new NotStoredError(`${root.toString()} is not stored`, { root: root.toString() })
  const { bytesMax = fetchBytesMax, stallTimeoutMs = fetchStallTimeoutMs, onProgress, signal } = options
  const providers = [...new Set([...options.providers ?? [], ...stored.statements.map(({ signer }) => signer)])]
  const staging = store.stage()
  try {
    const remote = new RemoteDag(transfer, staging, root, { providers, bytesMax, stallTimeoutMs, onProgress })
    // Damage to one block of a small bundle is often damage to its only file: it is as easy to bring all of it as many parts.
    const damaged = stored.bytes <= smallBundleBytesMax ? (await store.verify(root, { signal })).damaged.length : 0
    if (damaged > healOneByOneMax) await remote.fetch({}, { signal })
    const healing = new Healing(staging, remote, { stallTimeoutMs, signal })
    await healing.run(root)
    const healed = await staging.commit(stored, { signal })
    log?.(`healed ${root.toString()} blocks=${Math.max(damaged, healing.blocks)}`)
    return healed
  } finally {
    await staging.discard()
  }
}

class Healing {
  /** How many blocks were found damaged or missing. */
  blocks = 0
  readonly #staging: Staging
  readonly #remote: RemoteDag
  readonly #options: { stallTimeoutMs: number, signal: AbortSignal }

  constructor (staging: Staging, remote: RemoteDag, options: { stallTimeoutMs: number, signal: AbortSignal }) {
    this.#staging = staging
    this.#remote = remote
    this.#options = options
  }

  /** Goes through the whole DAG. Of raw blocks it is enough that they are there and not known to be damaged. */
  async run (root: CID): Promise<void> {
    const { signal } = this.#options
    const walk = new DagWalk(root)
    for (let step = walk.next(); step !== undefined; step = walk.next()) {
      signal.throwIfAborted()
      if (step.cid.code !== rawCodec) walk.supply(await this.#read(step))
      else if (!await this.#staging.has(step.cid, { signal })) await this.#fetch(step)
    }
  }

  async #read (step: DagStep): Promise<Uint8Array> {
    const { signal } = this.#options
    const { cid, position } = step
    try {
      return await this.#staging.get(cid, { signal })
    } catch (error) {
      if (!(error instanceof CorruptBlockError) && !(error instanceof NotStoredError)) throw error
    }
    await this.#fetch(step)
    const bytes = await this.#staging.get(cid, { signal })
    const links = linksOf(cid, bytes)
    if (links.length > 1 && !await this.#hasSome(links)) {
      const to = nextSibling(position)
      await this.#remote.fetch({ from: firstChild(position), ...to === undefined ? {} : { to } }, { signal })
    }
    return bytes
  }

  async #fetch ({ cid, position }: DagStep): Promise<void> {
    const { stallTimeoutMs, signal } = this.#options
    this.blocks++
    const timedOut = (): Error => new TimedOutError(`Block ${cid.toString()} did not come within ${stallTimeoutMs} ms`, { cid: cid.toString() })
    await withDeadline(stallTimeoutMs, signal, timedOut, async signal => {
      await this.#remote.fetch({ from: position, to: firstChild(position) }, { signal })
    })
  }

  async #hasSome (cids: readonly CID[]): Promise<boolean> {
    for (const cid of cids) if (await this.#staging.has(cid, { signal: this.#options.signal })) return true
    return false
  }
}
