import { expect, test } from 'vitest'
import { verifyConsistency } from '../../src/merkle/consistency.ts'
import { FailingFileSystem, PowerCutFileSystem } from '../store/fault-file-systems.ts'
import { auditFiles, paths } from '../audit/memory-files.ts'
import { all, headOf, numbered, openOn } from '../audit/trails.ts'
import type { TreeHead } from '../../src/interface/merkle.ts'
import type { FileSystem } from '../../src/store/file-system.ts'

/** What was shown to others before the process ended. */
interface Shown {
  heads: TreeHead[]
  appended: Uint8Array[]
}

const before = numbered(250)
/** Fills a tile, and begins another one. */
const batches = [numbered(10, 250), numbered(3, 260)]

async function preparedDisk (): Promise<PowerCutFileSystem> {
  const disk = new PowerCutFileSystem()
  for (const directory of [paths.root, paths.temp]) await disk.makeDirectory(directory)
  await (await openOn(auditFiles(disk))).append(before)
  return disk
}

/** Opens and appends, as far as it is let; what was refused once is tried again. */
async function work (fileSystem: FileSystem): Promise<Shown> {
  const shown: Shown = { heads: [], appended: [...before] }
  const files = auditFiles(fileSystem)
  const again = async <T>(call: () => Promise<T>): Promise<T> => await call().catch(async () => await call())
  try {
    const trail = await again(async () => await openOn(files))
    for (const batch of batches) {
      shown.heads.push(headOf(trail, trail.checkpoint))
      await again(async () => { await trail.append(batch) })
      shown.appended.push(...batch)
      shown.heads.push(headOf(trail, trail.checkpoint))
    }
  } catch (error) {
    expect(String(error)).toContain('EIO')
  }
  return shown
}

/** Opens what the process left, appends what is missing, and holds it against what was shown. */
async function check (disk: FileSystem, { heads, appended }: Shown, label: string): Promise<void> {
  await disk.makeDirectory(paths.temp)
  const files = auditFiles(disk)
  const trail = await openOn(files)
  for (const entry of appended) expect(await trail.find(entry), label).toBeDefined()
  for (const entry of batches.flat()) if (await trail.find(entry) === undefined) await trail.append([entry])
  expect(await all(trail.entries()), label).toEqual([...before, ...batches.flat()])
  for (const earlier of heads) verifyConsistency({ earlier, later: headOf(trail, trail.checkpoint) }, await trail.proveConsistency(earlier.size))
  const names = [...await files.list('tile/entries'), ...await files.list('tile/0')].sort()
  expect(names, label).toEqual(['000', '000', '001.p', '001.p'])
  expect(await files.list('tile/0/001.p'), label).toEqual(['7'])
}

for (const [name, fails] of [
  ['one call fails', (call: number, n: number): boolean => call === n],
  ['two calls in a row fail', (call: number, n: number): boolean => call === n || call === n + 1],
  ['the process ends', (call: number, n: number): boolean => call >= n]
] as const) {
  for (const when of ['before', 'after'] as const) {
    test(`continues every checkpoint that was shown, with every entry once, when ${name} ${when} it is made, at any call`, async () => {
      for (let n = 1, refused = true; refused; n++) {
        const disk = await preparedDisk()
        const failing = new FailingFileSystem(disk)
        failing.from(when, call => fails(call, n))
        const shown = await work(failing)
        refused = failing.state.refused > 0
        await check(await disk.afterKill(), shown, `${name} ${when} call ${n}`)
        await check(await disk.afterCut(), shown, `${name} ${when} call ${n}, and the power is cut`)
      }
    })
  }
}
