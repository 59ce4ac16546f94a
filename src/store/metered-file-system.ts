import { dirname } from 'node:path'
import { StorageError, StorageFullError } from '../errors.ts'
import { KeyedSlots } from '../format/slots.ts'
import { TransientMap } from '../format/transient-map.ts'
import { fullDiskRetriesMax } from '../limits.ts'
import { ChangeWatch } from './change-watch.ts'
import type { FileRange, FileStat, FileSystem, FileSystemSpace, WriteFileOptions } from './file-system.ts'
import type { SpaceAmount, SpaceRequest } from './space-request.ts'
import type { Space } from './space.ts'

/** What the meter is given once. */
export interface MeteredInit {
  below: FileSystem
  space: Pick<Space, 'give' | 'refusal' | 'relieve' | 'take'>
  /** Directory of what is being written: its files are known by their charges alone. */
  temp: string
}

/**
 * What was charged for a path. `written`: just that is there. `partial`: no more than that is there. `doubtful`: that is
 * there, or it is elsewhere.
 */
interface Charge extends SpaceAmount {
  state: 'written' | 'partial' | 'doubtful'
}

const nothing: SpaceAmount = { bytes: 0, files: 0 }

/**
 * Charges every file before its bytes land, and gives back what is gone. Where a failing drive leaves it unknown what became
 * of a file, it stays charged. Directories are not counted.
 */
export class MeteredFileSystem implements FileSystem {
  /** Changes under way; writing the bytes of a file in `temp` is none, for they are charged already. */
  readonly changes: ChangeWatch = new ChangeWatch()
  readonly #below: FileSystem
  readonly #space: MeteredInit['space']
  readonly #temp: string
  readonly #charges = new TransientMap<string, Charge>()
  /** One change of a path at a time: what it replaces must be known. */
  readonly #paths = new KeyedSlots()
  #isLeaking = false

  constructor ({ below, space, temp }: MeteredInit) {
    this.#below = below
    this.#space = space
    this.#temp = temp
  }

  /** False when something may be charged that is not there: only counting helps. */
  get isExact (): boolean {
    return !this.#isLeaking && [...this.#charges.values()].every(({ state }) => state === 'written')
  }

  /** Forgets what is charged for files outside of `temp`, and says what is for those in it. Only while it is quiet. */
  startOver (): SpaceAmount {
    this.#isLeaking = false
    let sum = nothing
    for (const [path, charge] of this.#charges) {
      if (dirname(path) === this.#temp) sum = plus(sum, charge)
      else this.#charges.delete(path)
    }
    return sum
  }

  realPath (path: string): Promise<string> {
    return this.#below.realPath(path)
  }

  async makeDirectory (path: string): Promise<void> {
    await this.#below.makeDirectory(path).catch((error: unknown) => { throw this.#asRefusal(error) })
  }

  writeFile (path: string, chunks: readonly Uint8Array[], options: WriteFileOptions): Promise<void> {
    const bytes = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0)
    const request = { bytes, files: 1, essential: options.essential === true }
    return this.#change(path, undefined, async () => {
      await this.#space.take(request)
      const before = this.#charges.get(path)
      this.#charges.set(path, { ...plus(request, before), state: 'partial' })
      const write = (): Promise<void> => this.#write(path, request, () => this.#below.writeFile(path, chunks, options))
      try {
        await (dirname(path) === this.#temp ? this.changes.aside(write) : write())
      } catch (error) {
        // What was there has not been touched; what there was no room for has been removed.
        if (codeOf(error) === 'EEXIST' || error instanceof StorageFullError) this.#takeBack(path, request, before)
        throw error
      }
      // Nothing was there, or it would have been refused.
      this.#charges.set(path, { bytes, files: 1, state: 'written' })
      this.#space.give(before ?? nothing)
    })
  }

  readFile (path: string, range?: FileRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#below.readFile(path, range)
  }

  rename (from: string, to: string): Promise<void> {
    if (from === to) return this.#below.rename(from, to)
    return this.#change(from, to, async () => {
      const replaced = await this.#amountAt(to)
      try {
        await this.#below.rename(from, to)
      } catch (error) {
        if (await this.#wasRenamed(from, error)) this.#move(from, to, replaced)
        throw this.#asRefusal(error)
      }
      this.#move(from, to, replaced)
    })
  }

  remove (path: string): Promise<void> {
    return this.#change(path, undefined, async () => {
      const amount = await this.#amountAt(path)
      try {
        await this.#below.remove(path)
      } catch (error) {
        // It may be gone already.
        if (amount === undefined) this.#isLeaking = true
        else if (amount.files > 0) this.#charges.set(path, { ...amount, state: 'partial' })
        throw error
      }
      this.#forget(path, amount)
    })
  }

  list (path: string): Promise<string[]> {
    return this.#below.list(path)
  }

  stat (path: string): Promise<FileStat | undefined> {
    return this.#below.stat(path)
  }

  syncDirectory (path: string): Promise<void> {
    return this.#below.syncDirectory(path)
  }

  space (path: string): Promise<FileSystemSpace> {
    return this.#below.space(path)
  }

  settled (): Promise<void> {
    return this.#below.settled()
  }

  /** Writes a file, also where the file system is full and something can go. */
  async #write (path: string, request: SpaceRequest, write: () => Promise<void>): Promise<void> {
    for (let retries = 0; ; retries++) {
      try {
        await write()
        return
      } catch (error) {
        if (!isFull(error)) throw error
        // Its own bytes are in the way. Where it cannot be removed it stays charged.
        await this.#below.remove(path).catch(() => { throw error })
        const mayRetry = request.essential !== true && retries < fullDiskRetriesMax
        // On a full disk it may be impossible to remove anything; what is said then is that it is full.
        if (!mayRetry || !await this.#space.relieve(request.bytes).catch(() => false)) throw this.#asRefusal(error, request)
      }
    }
  }

  /** Does one thing at a time to each path, and tells whoever counts. */
  #change (path: string, other: string | undefined, work: () => Promise<void>): Promise<void> {
    if (other === undefined) return this.#paths.run(path, () => this.changes.run([path], work))
    // In one order, whoever wants both.
    const [first, second] = path < other ? [path, other] : [other, path]
    return this.#paths.run(first, () => this.#paths.run(second, () => this.changes.run([first, second], work)))
  }

  /** What is given back when a path is gone; undefined when that is not known. */
  async #amountAt (path: string): Promise<SpaceAmount | undefined> {
    const charge = this.#charges.get(path)
    if (charge !== undefined && charge.state !== 'doubtful') return charge
    try {
      const found = await this.#below.stat(path)
      return found?.type === 'file' ? charge ?? { bytes: found.bytes, files: 1 } : nothing
    } catch {
      // What cannot be examined can be removed all the same.
      return undefined
    }
  }

  /** Says whether a rename happened although it was refused. */
  async #wasRenamed (from: string, error: unknown): Promise<boolean> {
    const charge = this.#charges.get(from)
    const left = await this.#below.stat(from).catch(() => null)
    if (left?.type === 'file' || codeOf(error) === 'ENOENT') return false
    if (left === undefined && charge?.state === 'written') return true
    if (charge !== undefined) charge.state = 'doubtful'
    this.#isLeaking = true
    return false
  }

  #move (from: string, to: string, replaced: SpaceAmount | undefined): void {
    const charge = this.#charges.get(from)
    this.#charges.delete(from)
    this.#forget(to, replaced)
    // Of what was written it is enough to look how large it is.
    if (charge !== undefined && charge.state !== 'written') this.#charges.set(to, { ...charge, state: 'partial' })
  }

  #forget (path: string, amount: SpaceAmount | undefined): void {
    const charge = this.#charges.get(path)
    if (amount === undefined || (charge !== undefined && amount === nothing)) this.#isLeaking = true
    this.#charges.delete(path)
    this.#space.give(amount ?? nothing)
  }

  #takeBack (path: string, request: SpaceAmount, before: Charge | undefined): void {
    if (before === undefined) this.#charges.delete(path)
    else this.#charges.set(path, before)
    this.#space.give(request)
  }

  #asRefusal (error: unknown, request: SpaceRequest = nothing): unknown {
    return isFull(error) ? this.#space.refusal(request, 'file-system', error) : error
  }
}

function plus (a: SpaceAmount, b: SpaceAmount = nothing): SpaceAmount {
  return { bytes: a.bytes + b.bytes, files: a.files + b.files }
}

function isFull (error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '')
}

function codeOf (error: unknown): string | undefined {
  const code = error instanceof StorageError ? error.details['code'] : undefined
  return typeof code === 'string' ? code : undefined
}
