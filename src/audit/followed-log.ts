/**
 * The log of another node, followed:
 *
 * ```
 * followed/<address>/follows              while it is: JSON { origin, providers }
 * followed/<address>/<repository id>/     a copy of each log that was seen, see mirror.ts
 * ```
 */
import { equals } from 'multiformats/bytes'
import { CorruptTransferError, DataNodeError, LimitExceededError, PeerUnreachableError, ProofMismatchError, UnavailableError } from '../errors.ts'
import { parseAuditOrigin } from '../format/audit-origin.ts'
import { decodeSeenCheckpoint, encodeSeenCheckpoint } from '../format/seen-checkpoint.ts'
import { followedEntriesMax, followedLogsPerNodeMax, showLogTimeoutMs } from '../limits.ts'
import { proveConsistency } from '../merkle/consistency.ts'
import { readRoot } from '../merkle/read-hashes.ts'
import { askWitness } from '../transfer/witness.ts'
import { filesIn } from './files-in.ts'
import { forkedTrail } from './forks.ts'
import { verifyKept } from './kept-checkpoints.ts'
import { openMirror } from './mirror.ts'
import { openRemoteTrail } from './remote-trail.ts'
import { TrailNames } from './trail-names.ts'
import type { Fork } from '../format/fork.ts'
import type { ConnectedPeer, Network } from '../interface/network.ts'
import type { NamedVersion } from '../interface/dataset-trail.ts'
import type { Address } from '../interface/primitives.ts'
import type { DurableFiles } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'
import type { Forks, KeptFork } from './forks.ts'
import type { KeptCheckpoint } from './kept-checkpoints.ts'
import type { Mirror } from './mirror.ts'
import type { RemoteTrail, RemoteTrailComponents } from './remote-trail.ts'

/** What following needs from the node. */
export interface FollowComponents extends Omit<RemoteTrailComponents, 'network'> {
  network: RemoteTrailComponents['network'] & Pick<Network, 'connect' | 'openStream'>
}

/** What a followed log is made of. */
export interface FollowedLogInit {
  address: Address
  /** Those of this node, below `followed/<address>`. */
  files: DurableFiles
  forks: Pick<Forks, 'find' | 'keep'>
  components: () => FollowComponents
  log: (line: string) => void
}

/** One node's log. Its calls are made one after another. */
export class FollowedLog {
  readonly address: Address
  readonly #init: FollowedLogInit
  #mirror: Mirror | undefined
  #names: TrailNames | undefined

  constructor (init: FollowedLogInit) {
    this.address = init.address
    this.#init = init
  }

  /** The copy of the log; undefined before anything was seen. */
  get mirror (): Mirror | undefined {
    return this.#mirror
  }

  /** Versions of datasets that its trail names. */
  get named (): readonly NamedVersion[] {
    return this.#names?.versions ?? []
  }

  get fork (): KeptFork | undefined {
    const origin = this.#mirror?.seen?.checkpoint.origin
    return origin === undefined ? undefined : this.#init.forks.find(origin)
  }

  /** Opens the copy of the log that was seen last. */
  async open (origin: string): Promise<void> {
    const { files, log } = this.#init
    const mirror = await openMirror({ files: filesIn(files, parseAuditOrigin(origin).repositoryId), log })
    if (mirror.seen === undefined) return
    this.#mirror = mirror
    this.#names = await this.#namesOf(origin).open()
  }

  /**
   * Looks at the node's newest checkpoint, at one of these places where it is not connected. Throws as `update` of a followed
   * trail does.
   */
  async update (providers: readonly string[], { signal }: { signal: AbortSignal }): Promise<void> {
    if (this.fork !== undefined) throw forkedTrail(this.fork)
    const { network } = this.#init.components()
    const peer = await this.#connect(providers, signal)
    const seen = this.#mirror?.seen
    const question = { op: 'ask' as const, ...seen === undefined ? {} : { checkpoint: encodeSeenCheckpoint(seen) } }
    const answer = await askWitness(network, peer, question, { signal, timeoutMs: showLogTimeoutMs })
    const isShown = answer.status === 'ok' || answer.status === 'conflict'
    if (!isShown || answer.checkpoint === undefined || answer.trail === undefined) {
      throw new UnavailableError(`${this.address} does not show its audit trail: it answers ${answer.status}`, { peer: peer.peerId })
    }
    await this.#see(this.#verify(answer.checkpoint, peer), answer.trail, peer, signal)
  }

  async #see (target: KeptCheckpoint, trail: CID, peer: ConnectedPeer, signal: AbortSignal): Promise<void> {
    const mirror = await this.#mirrorOf(target.checkpoint.origin)
    const { seen } = mirror
    if (seen !== undefined) this.#mirror = mirror
    if (seen !== undefined && target.checkpoint.size <= seen.checkpoint.size) {
      await this.#refuse(await forkBehind(mirror, seen, target))
      if (mirror.isComplete) return
    }
    const remote = await openRemoteTrail(this.#init.components(), trail, { peerId: peer.peerId, target, signal })
    try {
      const isNews = seen === undefined || target.checkpoint.size > seen.checkpoint.size
      if (isNews) await this.#refuse(await remote.compare(seen, { signal }))
      await mirror.grow(target, async (from, to, options) => await remote.entries(from, to, options), { signal })
      this.#mirror = mirror
      await this.#name(target, mirror, remote, signal)
    } catch (error) {
      if (error instanceof ProofMismatchError) throw corrupt(peer, 'entries that do not lead to its checkpoint', error)
      throw error
    } finally {
      await remote.close()
    }
  }

  /** Datasets are beside the log: where they cannot be read, those that were known stay. */
  async #name (target: KeptCheckpoint, mirror: Mirror, remote: RemoteTrail, signal: AbortSignal): Promise<void> {
    try {
      const names = await this.#namesOf(target.checkpoint.origin).open()
      await names.take(await remote.datasets({ signal }), mirror, { signal })
      this.#names = names
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof DataNodeError)) throw error
      this.#init.log(`the datasets of ${this.address} are not seen now: ${error.message}`)
    }
  }

  #namesOf (origin: string): TrailNames {
    const { address, files, log } = this.#init
    return new TrailNames({ address, files: filesIn(files, parseAuditOrigin(origin).repositoryId), log })
  }

  async #mirrorOf (origin: string): Promise<Mirror> {
    if (this.#mirror?.seen?.checkpoint.origin === origin) return this.#mirror
    const { files, log } = this.#init
    const { repositoryId } = parseAuditOrigin(origin)
    const known = (await files.list('')).filter(name => name !== 'follows')
    if (!known.includes(repositoryId) && known.length >= followedLogsPerNodeMax) {
      throw new LimitExceededError(`${this.address} has shown ${known.length} logs, and now shows another one: ${origin}`,
        { limit: 'followedLogsPerNodeMax', max: followedLogsPerNodeMax, actual: known.length + 1 })
    }
    return await openMirror({ files: filesIn(files, repositoryId), log })
  }

  async #refuse (fork: Fork | undefined): Promise<void> {
    if (fork !== undefined) throw forkedTrail(await this.#init.forks.keep(fork))
  }

  #verify (bytes: Uint8Array, peer: ConnectedPeer): KeptCheckpoint {
    const target = attempt(peer, () => verifyKept(decodeSeenCheckpoint(bytes)))
    const { origin, size } = target.checkpoint
    if (parseAuditOrigin(origin).address !== this.address) throw corrupt(peer, `the log ${origin}, which is not its own`)
    if (size <= followedEntriesMax) return target
    throw new LimitExceededError(`The log ${origin} has ${size} entries; at most ${followedEntriesMax} are followed`,
      { limit: 'followedEntriesMax', max: followedEntriesMax, actual: size })
  }

  async #connect (providers: readonly string[], signal: AbortSignal): Promise<ConnectedPeer> {
    const { network } = this.#init.components()
    const failures: unknown[] = []
    for (const place of [this.address, ...providers]) {
      try {
        const peer = await network.connect(place, { signal })
        if (peer.address === this.address) return peer
        failures.push(new PeerUnreachableError(`${place} is ${peer.address ?? peer.peerId}`))
      } catch (error) {
        signal.throwIfAborted()
        failures.push(error)
      }
    }
    throw new PeerUnreachableError(`${this.address} is not reached: ${failures.map(String).join('; ')}`, { peer: this.address, cause: failures[0] })
  }
}

/** An older checkpoint, or one of as many entries: of the same log it is no news, and of another one it is a fork. */
async function forkBehind (mirror: Mirror, seen: KeptCheckpoint, target: KeptCheckpoint): Promise<Fork | undefined> {
  const { size } = target.checkpoint
  if (size === seen.checkpoint.size) {
    const { root } = seen.checkpoint
    return equals(root, target.checkpoint.root) ? undefined : { earlier: target, later: seen, root, proof: [] }
  }
  if (!mirror.isComplete) return undefined
  const hashes = mirror.hashes(seen.checkpoint.size)
  const root = await readRoot(size, hashes)
  if (equals(root, target.checkpoint.root)) return undefined
  return { earlier: target, later: seen, root, proof: await proveConsistency(size, seen.checkpoint.size, hashes) }
}

function attempt<T> (peer: ConnectedPeer, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (error instanceof DataNodeError) throw corrupt(peer, 'a checkpoint that it did not sign', error)
    throw error
  }
}

function corrupt ({ address, peerId }: ConnectedPeer, what: string, cause?: unknown): CorruptTransferError {
  return new CorruptTransferError(`${address ?? peerId} shows as its audit trail ${what}`, { peer: peerId, cause })
}
