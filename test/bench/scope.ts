import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where what was started is told how to end. */
export interface Scope {
  /** Runs `end` when the scope ends; what was added last ends first. */
  add(end: () => Promise<unknown>): void
  /** A directory that goes with the outermost scope. */
  directory(name: string): Promise<string>
}

const directories = new Set<string>()
let openScopes = 0

/** A bench that is interrupted leaves nothing behind. Its children end with their input. */
process.on('exit', () => {
  for (const path of directories) rmSync(path, { recursive: true, force: true, maxRetries: 5 })
})

/**
 * Runs something and ends all that it started, also when it fails. Directories stay until the outermost scope has ended: for
 * minutes ext4 looks at every file that went whenever it makes one, and what one run leaves would slow down those after it.
 */
export async function withScope<T> (run: (scope: Scope) => Promise<T>): Promise<T> {
  const ends: (() => Promise<unknown>)[] = []
  const scope: Scope = {
    add: (end) => { ends.push(end) },
    directory: async (name) => {
      const path = await mkdtemp(join(tmpdir(), `bench-${name}-`))
      directories.add(path)
      return path
    }
  }
  openScopes++
  try {
    return await run(scope)
  } finally {
    for (const end of ends.reverse()) await end().catch(sayLeft)
    openScopes--
    if (openScopes === 0) await removeDirectories().catch(sayLeft)
  }
}

async function removeDirectories (): Promise<void> {
  for (const path of directories) {
    await rm(path, { recursive: true, force: true, maxRetries: 5 })
    directories.delete(path)
  }
}

function sayLeft (error: unknown): void {
  console.error(`could not clean up: ${String(error)}`)
}
