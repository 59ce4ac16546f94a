import { StorageError } from '../../src/errors.ts'
import type { FileSystem, WriteFileOptions } from '../../src/store/file-system.ts'
import { WatchedFileSystem } from '../store/fault-file-systems.ts'
import type { Call } from '../store/fault-file-systems.ts'

/** Ways in which one call fails. After the last three something is done all the same; `nothing` only tells of the call. */
export type Fault = 'EIO' | 'ENOSPC' | 'EFBIG' | 'EMFILE' | 'EACCES' | 'short write' | 'failed fsync' | 'done, then EIO' | 'nothing'

/** All that are failures. */
export const faults: readonly Fault[] = ['EIO', 'ENOSPC', 'EFBIG', 'EMFILE', 'EACCES', 'short write', 'failed fsync', 'done, then EIO']

interface Armed {
  fault: Fault
  /** Calls that the fault is about, until the one that fails. */
  left: number
  fired?: string
  due: (call: Call) => void
}

/** Refuses one call, by its number from when it was armed. */
export class FaultyFileSystem extends WatchedFileSystem {
  readonly #below: FileSystem
  readonly #armed: { current: Armed | undefined }

  constructor (below: FileSystem) {
    const armed: { current: Armed | undefined } = { current: undefined }
    super(below, async (call, make) => {
      const fault = call.name === 'writeFile' ? undefined : due(armed.current, call)
      if (fault === undefined) return make()
      if (fault === 'done, then EIO') await make()
      throw refusal(call, fault === 'failed fsync' || fault === 'done, then EIO' ? 'EIO' : fault)
    })
    this.#below = below
    this.#armed = armed
  }

  /** From now on the n-th call that the fault can be about is refused, or only told of. */
  arm (fault: Fault, n: number, due: (call: Call) => void = () => {}): void {
    this.#armed.current = { fault, left: n, due }
  }

  /** Refuses nothing any more, and says what was refused. */
  disarm (): string | undefined {
    const fired = this.#armed.current?.fired
    this.#armed.current = undefined
    return fired
  }

  override async writeFile (path: string, chunks: readonly Uint8Array[], options: WriteFileOptions): Promise<void> {
    const call: Call = { name: 'writeFile', path, sync: options.sync }
    const fault = due(this.#armed.current, call)
    if (fault === undefined) return this.#below.writeFile(path, chunks, options)
    if (fault === 'short write') {
      const bytes = Buffer.concat(chunks)
      await this.#below.writeFile(path, [bytes.subarray(0, bytes.byteLength >> 1)], { ...options, sync: false })
    }
    if (fault === 'failed fsync' || fault === 'done, then EIO') await this.#below.writeFile(path, chunks, { ...options, sync: false })
    throw refusal(call, fault === 'short write' ? 'ENOSPC' : fault === 'failed fsync' || fault === 'done, then EIO' ? 'EIO' : fault)
  }
}

function due (armed: Armed | undefined, call: Call): Fault | undefined {
  if (armed === undefined || !concerns(armed.fault, call)) return undefined
  if (--armed.left !== 0) return undefined
  armed.due(call)
  if (armed.fault === 'nothing') return undefined
  armed.fired = `${call.name} ${call.path}${call.to === undefined ? '' : ` to ${call.to}`}`
  return armed.fault
}

function concerns (fault: Fault, { name, sync }: Call): boolean {
  if (fault === 'short write' || fault === 'EFBIG') return name === 'writeFile'
  if (fault === 'ENOSPC') return ['writeFile', 'rename', 'makeDirectory', 'syncDirectory'].includes(name)
  if (fault === 'failed fsync') return name === 'syncDirectory' || sync === true
  return true
}

function refusal ({ name, path }: Call, code: string): StorageError {
  return new StorageError(`The file system refuses to ${name} ${path}: ${code}`, { path, operation: name, code })
}
