/**
 * Counts what a repository takes while it is in use. After an unclean stop only a bound of it is known; this finds the sum.
 *
 * One directory after the other is counted. A change in a directory puts it back on the list, whether it comes before, during or
 * after its count. When the list is empty and no change is under way, the sums hold at that moment: then they replace the total.
 * What is being written to `temp` is not counted but known from its charges.
 */
import { dirname, join, sep } from 'node:path'
import { forEachConcurrent } from '../format/concurrent.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import { recountConcurrency, recountPassesMax } from '../limits.ts'
import type { MeteredFileSystem } from './metered-file-system.ts'
import type { RepositoryPaths } from './paths.ts'
import type { SpaceAmount } from './space-request.ts'
import type { Space } from './space.ts'

/** What is counted, and where the sum goes. */
export interface RecountInit {
  fileSystem: MeteredFileSystem
  paths: Pick<RepositoryPaths, 'appends' | 'audit' | 'bundles' | 'blocks' | 'partials' | 'quarantine'>
  space: Pick<Space, 'reset'>
  /**
   * What is charged for other things than files at the moment when it is called. Has to count what is about to be charged too:
   * too much is put right by the next count, too little never.
   */
  beside?: () => SpaceAmount
}

/** Puts the exact total into the ledger. False when the repository was never quiet for long enough: then the bound stays. */
export async function recount ({ fileSystem, paths, space, beside }: RecountInit, options: AbortOptions = {}): Promise<boolean> {
  const { signal } = options
  const { appends, audit, bundles, blocks, partials, quarantine } = paths
  const flat = [bundles, partials, quarantine, blocks, audit, appends]
  const isNested = (directory: string): boolean =>
    directory === blocks || directory === appends || directory === audit || directory.startsWith(audit + sep)
  const toDo = new Set(flat)
  const sums = new Map<string, SpaceAmount>()
  const passes = new Map<string, number>()
  const stopObserving = fileSystem.changes.observe(directory => {
    if (flat.includes(directory) || isNested(dirname(directory))) toDo.add(directory)
  })
  try {
    for (;;) {
      for (const directory of toDo) {
        const pass = (passes.get(directory) ?? 0) + 1
        if (pass > recountPassesMax) return false
        passes.set(directory, pass)
        // A change from now on puts it back.
        toDo.delete(directory)
        const { sum, directories } = await count(fileSystem, directory, signal)
        sums.set(directory, sum)
        if (!isNested(directory)) continue
        for (const inner of directories) if (!sums.has(inner)) toDo.add(inner)
      }
      await fileSystem.changes.quiet(options)
      if (toDo.size > 0 || !fileSystem.changes.isQuiet) continue
      space.reset(total([...sums.values(), fileSystem.startOver(), beside?.() ?? { bytes: 0, files: 0 }]))
      return true
    }
  } finally {
    stopObserving()
  }
}

/** Files directly in a directory, and the directories in it. */
async function count (fileSystem: MeteredFileSystem, directory: string,
  signal: AbortSignal | undefined): Promise<{ sum: SpaceAmount, directories: string[] }> {
  const sum = { bytes: 0, files: 0 }
  const directories: string[] = []
  signal?.throwIfAborted()
  await forEachConcurrent(await fileSystem.list(directory), recountConcurrency, async name => {
    signal?.throwIfAborted()
    const path = join(directory, name)
    const found = await fileSystem.stat(path)
    if (found?.type === 'directory') directories.push(path)
    if (found?.type !== 'file') return
    sum.bytes += found.bytes
    sum.files++
  })
  return { sum, directories }
}

function total (amounts: readonly SpaceAmount[]): SpaceAmount {
  const sum = { bytes: 0, files: 0 }
  for (const { bytes, files } of amounts) {
    sum.bytes += bytes
    sum.files += files
  }
  return sum
}
