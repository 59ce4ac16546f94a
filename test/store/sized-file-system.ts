import { posix } from 'node:path'
import { StorageError } from '../../src/errors.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { WatchedFileSystem } from './fault-file-systems.ts'
import type { Call } from './fault-file-systems.ts'

/** How a call goes wrong: nothing is done, everything is, or a part of the bytes lands. */
export type Fault = 'before' | 'after' | 'partial'

export interface SizedInit {
  /** Awaited before and after each call. */
  pause?: () => Promise<unknown>
  /** Says whether a call that changes something goes wrong, and with which code. */
  fault?: (call: Call) => { when: Fault, code: string } | undefined
  /** Called at each step with what there is. */
  check?: (real: { bytes: number, files: number }) => void
}

/** A disk in memory of which the sizes of all files are known at every moment. */
export class SizedFileSystem extends WatchedFileSystem {
  readonly sizes: Map<string, number>

  constructor ({ pause = () => Promise.resolve(), fault = () => undefined, check = () => {} }: SizedInit = {}) {
    const sizes = new Map<string, number>()
    const below = new MemoryFileSystem()
    const look = (): void => check(sum(sizes))
    super(below, async (call, make) => {
      look()
      await pause()
      look()
      const changes = ['writeFile', 'rename', 'remove'].includes(call.name)
      const failure = changes ? fault(call) : undefined
      if (failure?.when === 'before') throw refusal(call, failure.code)
      if (failure?.when === 'partial' && call.name === 'writeFile' && !sizes.has(call.path)) {
        await below.writeFile(call.path, [new Uint8Array(1)])
        sizes.set(call.path, 1)
        throw refusal(call, failure.code)
      }
      const result = await make()
      if (changes) await follow(below, sizes, call)
      look()
      await pause()
      look()
      if (failure !== undefined) throw refusal(call, failure.code)
      return result
    })
    this.sizes = sizes
  }

  get total (): { bytes: number, files: number } {
    return sum(this.sizes)
  }
}

async function follow (below: MemoryFileSystem, sizes: Map<string, number>, { name, path, to }: Call): Promise<void> {
  const size = sizes.get(path)
  if (name === 'writeFile') sizes.set(path, (await below.stat(path))?.bytes ?? 0)
  if (name === 'rename' || name === 'remove') sizes.delete(path)
  if (name === 'rename' && to !== undefined && size !== undefined) sizes.set(posix.resolve(to), size)
}

function sum (sizes: Map<string, number>): { bytes: number, files: number } {
  return { bytes: [...sizes.values()].reduce((a, b) => a + b, 0), files: sizes.size }
}

function refusal ({ name, path }: Call, code: string): StorageError {
  return new StorageError(`The file system refuses to ${name} ${path}: ${code}`, { path, operation: name, code })
}
