/**
 * The ledger of a repository: what is used of its quota. Whoever writes takes room here before the bytes land, and gives it
 * back when they are gone; so what is used is at every moment at least what is on the disk.
 *
 * The quota is divided: a reserve for the index, which is not counted; a reserve for what frees other bytes; and the rest. What
 * runs out is made room for by removing cache, one bundle at a time, for one writer at a time, in the order in which they came.
 *
 * A bound of what is used is noted durably before it is reached: after an unclean stop it stands for what was used.
 */
import type { StorageFullError } from '../errors.ts'
import { Slots } from '../format/slots.ts'
import { untilAborted } from '../format/until-aborted.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import { essentialReserveBytes, essentialReserveFiles, futileRemovalsMax, indexReserveBytes } from '../limits.ts'
import { FreeBytes } from './free-bytes.ts'
import { NotedBound } from './noted-bound.ts'
import type { SpaceAmount, SpaceRequest } from './space-request.ts'
import { storageFull } from './storage-full.ts'
import type { FullReason } from './storage-full.ts'
import type { StorageLimits } from './storage-limits.ts'

/** What the ledger is given once. */
export interface SpaceInit {
  limits: StorageLimits
  /** Bytes that this user may still write to the file system. */
  freeBytes: () => Promise<number>
  /**
   * Removes at least one bundle that may go; false when there is none. What it writes must be essential: other requests wait for
   * it. Runs once at a time.
   */
  makeRoom: () => Promise<boolean>
  /** What the bundles that stay take, and those that may go: for messages, and for what can never fit. */
  describe: () => { heldBytes: number, evictableBytes: number }
  /** Notes durably that so much may be used from now on. What it writes must be essential. Runs once at a time. */
  persistBound: (bound: SpaceAmount) => Promise<void>
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number
}

/** Why a request cannot be met now, how far it is from that, and whether it ever can. */
interface Shortage {
  reason: FullReason
  missing: number
  canEnd: boolean
}

/** Bytes and files that a repository uses, and may use. */
export class Space {
  readonly #init: SpaceInit
  readonly #free: FreeBytes
  readonly #bound: NotedBound
  /** Whoever needs more than a look at the ledger waits here for the others. */
  readonly #turns = new Slots(1)
  #waiting = 0
  #used: SpaceAmount = { bytes: 0, files: 0 }
  /** The least that was used since the last count: also what is over the quota may free itself. */
  #least: SpaceAmount = { bytes: 0, files: 0 }
  #makingRoom: Promise<boolean> | undefined
  /** All that was ever given back. */
  #given = 0

  constructor (init: SpaceInit) {
    this.#init = init
    this.#free = new FreeBytes(init.freeBytes, init.now ?? ((): number => performance.now()))
    this.#bound = new NotedBound(init.persistBound)
  }

  /** What is used at most, room for what is still to be written included. */
  get used (): Readonly<SpaceAmount> {
    return { ...this.#used }
  }

  /** What may be used by everything that is not essential. */
  get limit (): Readonly<SpaceAmount> {
    return this.#limitOf(false)
  }

  /** True when more is used than may be, after the quota was lowered: nothing new is taken then. */
  get isOverQuota (): boolean {
    const { bytes, files } = this.limit
    return this.#used.bytes > bytes || this.#used.files > files
  }

  /**
   * Takes room, and makes it where it is missing.
   *
   * @throws {@link StorageFullError} when there is not enough, even without everything that may go
   */
  async take (request: SpaceRequest, options: AbortOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    const isEssential = request.essential === true
    const isReady = isEssential || (this.#waiting === 0 && this.#free.isFresh && this.#bound.covers(this.#used, request))
    const shortage = isReady ? this.#shortage(request) : undefined
    if (isEssential && shortage !== undefined) throw this.refusal(request, shortage.reason)
    if (isReady && shortage === undefined) {
      this.#charge(request)
      // What the note itself writes cannot wait for the note; it is within the reserve that every bound has.
      if (isEssential && !this.#bound.isBeingNoted) await this.#note(request, undefined)
      return
    }
    this.#waiting++
    try {
      await this.#turns.run(() => this.#takeInTurn(request, options.signal), options)
    } finally {
      this.#waiting--
    }
  }

  /** Gives room back. */
  give ({ bytes, files }: SpaceAmount): void {
    this.#given += bytes
    this.#used = { bytes: Math.max(this.#used.bytes - bytes, 0), files: Math.max(this.#used.files - files, 0) }
    this.#least = { bytes: Math.min(this.#least.bytes, this.#used.bytes), files: Math.min(this.#least.files, this.#used.files) }
  }

  /** @throws {@link StorageFullError} when so many bytes could not be stored even if everything went that may go */
  assertFits (bytes: number): void {
    if (bytes > this.limit.bytes - this.#init.describe().heldBytes) throw this.refusal({ bytes, files: 0 }, 'quota')
  }

  /** Puts another total in place of what is used. */
  reset ({ bytes, files }: SpaceAmount): void {
    this.#used = { bytes, files }
    this.#least = { bytes, files }
  }

  /** Removes so many bytes where it can, because the file system itself is full. False when nothing was removed. */
  async relieve (bytes = 0): Promise<boolean> {
    const enough = this.#given + bytes
    let removed = false
    for (let round = 0; round < futileRemovalsMax && (round === 0 || this.#given < enough); round++) {
      if (!await this.#makeRoom()) break
      removed = true
    }
    this.#free.forget()
    return removed
  }

  /** The error for a request that cannot be met. */
  refusal (request: SpaceRequest, reason: FullReason, cause?: unknown): StorageFullError {
    const { heldBytes: held, evictableBytes: evictable } = this.#init.describe()
    const limit = this.#limitOf(request.essential === true)
    const free = this.#free.bytes
    return storageFull({ request, reason, used: this.#used, limit, held, evictable, free, cause })
  }

  async #takeInTurn (request: SpaceRequest, signal: AbortSignal | undefined): Promise<void> {
    const nearest: Record<FullReason, number> = { 'quota': Infinity, 'files': Infinity, 'file-system': Infinity }
    let isOver = false
    for (let futile = 0; ;) {
      if (!this.#free.isFresh) await untilAborted(this.#free.refresh(), signal)
      const shortage = this.#shortage(request)
      if (shortage === undefined) break
      const { reason, missing, canEnd } = shortage
      futile = missing < nearest[reason] ? 0 : futile + 1
      if (isOver || !canEnd || futile > futileRemovalsMax) throw this.refusal(request, reason)
      nearest[reason] = Math.min(nearest[reason], missing)
      isOver = !await untilAborted(this.#makeRoom(), signal)
      this.#free.forget()
    }
    this.#charge(request)
    await this.#note(request, signal)
  }

  /** What a request lacks; undefined when it can be charged. */
  #shortage ({ bytes, files, essential = false }: SpaceRequest): Shortage | undefined {
    const limit = this.#limitOf(essential)
    const missingBytes = this.#used.bytes + bytes - limit.bytes
    if (missingBytes > 0) return { reason: 'quota', missing: missingBytes, canEnd: bytes <= limit.bytes }
    const missingFiles = this.#used.files + files - limit.files
    if (missingFiles > 0) return { reason: 'files', missing: missingFiles, canEnd: files <= limit.files }
    const missingFree = this.#init.limits.freeBytesMin + bytes - (this.#free.bytes ?? Infinity)
    return !essential && missingFree > 0 ? { reason: 'file-system', missing: missingFree, canEnd: true } : undefined
  }

  #limitOf (essential: boolean): SpaceAmount {
    const { bytesMax, filesMax } = this.#init.limits
    const bytes = bytesMax - indexReserveBytes
    if (!essential) return { bytes: bytes - essentialReserveBytes, files: filesMax - essentialReserveFiles }
    return {
      bytes: Math.max(bytes, this.#least.bytes + essentialReserveBytes),
      files: Math.max(filesMax, this.#least.files + essentialReserveFiles)
    }
  }

  #charge ({ bytes, files }: SpaceAmount): void {
    this.#free.charge(bytes)
    this.#used = { bytes: this.#used.bytes + bytes, files: this.#used.files + files }
  }

  /** Resolves when what is used is within the noted bound; gives the request back when that cannot be. */
  async #note (request: SpaceRequest, signal: AbortSignal | undefined): Promise<void> {
    const landed = { bytes: 0, files: 0, essential: request.essential === true }
    try {
      while (!this.#bound.covers(this.#used, landed)) {
        await untilAborted(this.#bound.note(this.#used, this.#limitOf(true)), signal)
        // What was charged meanwhile may be in the reserve, to which no bound can be added.
        landed.essential = true
      }
    } catch (error) {
      this.give(request)
      throw error
    }
  }

  #makeRoom (): Promise<boolean> {
    this.#makingRoom ??= (async () => this.#init.makeRoom())().finally(() => { this.#makingRoom = undefined })
    return this.#makingRoom
  }
}
