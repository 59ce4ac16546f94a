import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where what was started is told how to end. */
export interface Scope {
  /** Runs `end` when the scope ends; what was added last ends first. */
  add(end: () => Promise<unknown>): void
  /** A directory that goes with the scope. */
  directory(name: string): Promise<string>
}

const directories = new Set<string>()

/** A bench that is interrupted leaves nothing behind. Its children end with their input. */
process.on('exit', () => {
  for (const path of directories) rmSync(path, { recursive: true, force: true, maxRetries: 5 })
})

/** Runs something and ends all that it started, also when it fails. */
export async function withScope<T> (run: (scope: Scope) => Promise<T>): Promise<T> {
  const ends: (() => Promise<unknown>)[] = []
  const scope: Scope = {
    add: (end) => { ends.push(end) },
    directory: async (name) => {
      const path = await mkdtemp(join(tmpdir(), `bench-${name}-`))
      directories.add(path)
      ends.push(async () => {
        await rm(path, { recursive: true, force: true, maxRetries: 5 })
        directories.delete(path)
      })
      return path
    }
  }
  try {
    return await run(scope)
  } finally {
    for (const end of ends.reverse()) {
      await end().catch((error: unknown) => { console.error(`could not clean up: ${String(error)}`) })
    }
  }
}
