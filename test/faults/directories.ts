import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** In memory where there is such a place: an fsync there takes no time, and what it is for is tried elsewhere. */
const fast = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

/** A directory that is gone after the test. */
export async function fastDirectory (): Promise<string> {
  const directory = await mkdtemp(join(fast, 'datanode-faults-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}
