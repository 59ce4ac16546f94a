import fc from 'fast-check'
import { expect, test } from 'vitest'
import { recountConcurrency, recountPassesMax } from '../../src/limits.ts'
import { MeteredFileSystem } from '../../src/store/metered-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { placeFile } from '../../src/store/place-file.ts'
import { recount } from '../../src/store/recount.ts'
import { Space } from '../../src/store/space.ts'
import { SizedFileSystem } from './sized-file-system.ts'
import type { SizedInit } from './sized-file-system.ts'

const paths = new RepositoryPaths('/repository')
const shards = ['AA', 'BB', 'CC'].map(name => `${paths.blocks}/${name}`)
const directories = [paths.bundles, paths.quarantine, ...shards]

interface Metered {
  disk: SizedFileSystem
  space: Space
  fileSystem: MeteredFileSystem
}

/** A repository with a few files that nobody charged, and a total that is too large. */
async function afterUncleanStop (init: SizedInit = {}): Promise<Metered> {
  const disk = new SizedFileSystem(init)
  for (const directory of [paths.bundles, paths.temp, paths.quarantine, ...shards.slice(0, 2)]) await disk.makeDirectory(directory)
  for (const [at, directory] of directories.slice(0, 4).entries()) {
    await disk.writeFile(`${directory}/old`, [new Uint8Array(at + 1)], { sync: true })
  }
  await disk.writeFile(`${paths.blocks}/stray`, [new Uint8Array(7)], { sync: true })
  const space = new Space({
    limits: { bytesMax: 2 ** 40, filesMax: 1e6, freeBytesMin: 0 },
    freeBytes: async () => Number.MAX_SAFE_INTEGER,
    makeRoom: async () => false,
    describe: () => ({ heldBytes: 0, evictableBytes: 0 }),
    persistBound: async () => {},
    now: () => 0
  })
  space.reset({ bytes: 100_000, files: 1000 })
  return { disk, space, fileSystem: new MeteredFileSystem({ below: disk, space, temp: paths.temp }) }
}

test('puts the sum of all files in place of a bound of it', async () => {
  const { disk, space, fileSystem } = await afterUncleanStop()
  expect(await recount({ fileSystem, paths, space })).toBe(true)
  expect(space.used).toEqual({ bytes: 1 + 2 + 3 + 4 + 7, files: 5 })
  expect(space.used).toEqual(disk.total)
})

test('counts the files of the audit trail, however deep they are, and those that come meanwhile', async () => {
  const { disk, space, fileSystem } = await afterUncleanStop()
  const deep = `${paths.audit}/tile/0/x001`
  await disk.makeDirectory(deep)
  await disk.writeFile(`${paths.audit}/checkpoint`, [new Uint8Array(100)], { sync: true })
  await disk.writeFile(`${deep}/234`, [new Uint8Array(1000)], { sync: true })
  expect(await recount({ fileSystem, paths, space })).toBe(true)
  expect(space.used).toEqual({ bytes: 17 + 1100, files: 7 })
  expect(space.used).toEqual(disk.total)
  const list = disk.list.bind(disk)
  disk.list = async path => {
    const names = await list(path)
    disk.list = list
    await fileSystem.writeFile(`${deep}/235`, [new Uint8Array(50)], { sync: true })
    return names
  }
  expect(await recount({ fileSystem, paths, space })).toBe(true)
  expect(space.used).toEqual(disk.total)
})

test('counts the rows that wait for versions of datasets', async () => {
  const { disk, space, fileSystem } = await afterUncleanStop()
  await disk.makeDirectory(`${paths.appends}/answers`)
  await disk.writeFile(`${paths.appends}/answers/s0.json`, [new Uint8Array(100)], { sync: true })
  expect(await recount({ fileSystem, paths, space })).toBe(true)
  expect(space.used).toEqual({ bytes: 17 + 100, files: 6 })
})

test('adds what is charged beside the files', async () => {
  const { space, fileSystem } = await afterUncleanStop()
  await recount({ fileSystem, paths, space, beside: () => ({ bytes: 1000, files: 0 }) })
  expect(space.used).toEqual({ bytes: 1017, files: 5 })
})

test('counts what is being written to temp, and what a failed write may have left there', async () => {
  let fails = false
  const { disk, space, fileSystem } = await afterUncleanStop({ fault: () => fails ? { when: 'partial', code: 'EIO' } : undefined })
  await fileSystem.writeFile(`${paths.temp}/one`, [new Uint8Array(50)], { sync: true })
  fails = true
  await fileSystem.writeFile(`${paths.temp}/two`, [new Uint8Array(60)], { sync: true }).catch(() => {})
  fails = false
  await recount({ fileSystem, paths, space })
  expect(space.used).toEqual({ bytes: 17 + 50 + 60, files: 7 })
  await fileSystem.remove(`${paths.temp}/two`)
  await fileSystem.remove(`${paths.temp}/one`)
  expect(space.used).toEqual({ bytes: 17, files: 5 })
  expect(space.used).toEqual(disk.total)
})

test('waits for a change that is under way, and not for bytes on their way to temp', async () => {
  const gates = { writeFile: Promise.withResolvers<undefined>(), rename: Promise.withResolvers<undefined>() }
  const { disk, space, fileSystem } = await afterUncleanStop()
  const writeFile = disk.writeFile.bind(disk)
  const rename = disk.rename.bind(disk)
  disk.writeFile = async (...call) => {
    await gates.writeFile.promise
    await writeFile(...call)
  }
  disk.rename = async (...call) => {
    await gates.rename.promise
    await rename(...call)
  }
  const placing = placeFile(fileSystem, paths, `${paths.bundles}/new`, [new Uint8Array(100)], { sync: true })
  expect(await recount({ fileSystem, paths, space })).toBe(true)
  expect(space.used).toEqual({ bytes: 117, files: 6 })
  gates.writeFile.resolve(undefined)
  while (fileSystem.changes.isQuiet) await Promise.resolve()
  space.reset({ bytes: 100_000, files: 1000 })
  const counting = recount({ fileSystem, paths, space })
  for (let turn = 0; turn < 500; turn++) await Promise.resolve()
  expect(space.used.bytes).toBe(100_000)
  gates.rename.resolve(undefined)
  await placing
  expect(await counting).toBe(true)
  expect(space.used).toEqual({ bytes: 117, files: 6 })
})

test('does not end in a change that begins at the moment when the last one has ended', async () => {
  const { space, fileSystem } = await afterUncleanStop()
  const gates = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
  const change = (at: number): Promise<void> => fileSystem.changes.run([`${paths.temp}/${at}`], async () => { await gates[at]?.promise })
  const first = change(0)
  const second = fileSystem.changes.quiet().then(() => change(1))
  const counting = recount({ fileSystem, paths, space })
  for (let turn = 0; turn < 500; turn++) await Promise.resolve()
  gates[0]?.resolve(undefined)
  await first
  for (let turn = 0; turn < 500; turn++) await Promise.resolve()
  expect(space.used.bytes).toBe(100_000)
  gates[1]?.resolve(undefined)
  await second
  expect(await counting).toBe(true)
})

test('gives up when a directory changes each time, and leaves the bound', async () => {
  let counted = 0
  const { disk, space, fileSystem } = await afterUncleanStop()
  const list = disk.list.bind(disk)
  disk.list = async path => {
    const names = await list(path)
    if (path === paths.bundles) await fileSystem.writeFile(`${path}/${counted++}`, [], { sync: true })
    return names
  }
  expect(await recount({ fileSystem, paths, space })).toBe(false)
  expect(counted).toBe(recountPassesMax)
  expect(space.used).toEqual({ bytes: 100_000, files: 1000 + counted })
})

test('examines a few files at a time', async () => {
  const { disk, space, fileSystem } = await afterUncleanStop()
  for (let at = 0; at < 50; at++) await disk.writeFile(`${paths.bundles}/${at}`, [], { sync: true })
  let [running, most] = [0, 0]
  const stat = disk.stat.bind(disk)
  disk.stat = async path => {
    most = Math.max(most, ++running)
    const found = await stat(path)
    running--
    return found
  }
  await recount({ fileSystem, paths, space })
  expect(most).toBe(recountConcurrency)
})

test('rejects with the reason of the signal at any moment, and leaves the bound', async () => {
  for (let calls = 0; calls < 15; calls++) {
    const controller = new AbortController()
    let seen = 0
    const { space, fileSystem } = await afterUncleanStop({ check: () => { if (seen++ === 40 + calls) controller.abort('enough') } })
    if (calls === 0) controller.abort('enough')
    seen = 40
    await expect(recount({ fileSystem, paths, space }, controller)).rejects.toBe('enough')
    expect(space.used.bytes).toBe(100_000)
  }
})

test('stops waiting for a change that never ends when it is aborted', async () => {
  const { disk, space, fileSystem } = await afterUncleanStop()
  disk.remove = () => new Promise(() => {})
  void fileSystem.remove(`${paths.bundles}/old`)
  const controller = new AbortController()
  const counting = recount({ fileSystem, paths, space }, controller)
  for (let turn = 0; turn < 500; turn++) await Promise.resolve()
  controller.abort('enough')
  await expect(counting).rejects.toBe('enough')
})

interface Step { verb: 'place' | 'write' | 'remove' | 'move', directory: number, name: number, size: number, fails: boolean }

const step: fc.Arbitrary<Step> = fc.record({
  verb: fc.constantFrom('place', 'place', 'write', 'remove', 'move'),
  directory: fc.nat(directories.length - 1),
  name: fc.nat(2),
  size: fc.nat(1000),
  fails: fc.boolean()
})

test('ends with the exact sum beside any other work, and has too little charged at no moment', async () => {
  let exact = 0
  await fc.assert(fc.asyncProperty(fc.scheduler(), fc.array(fc.array(step, { maxLength: 6 }), { maxLength: 3 }),
    async (scheduler, workers) => {
      const open: { made?: Metered } = {}
      let failures = 0
      const made = await afterUncleanStop({
        pause: () => open.made === undefined ? Promise.resolve() : scheduler.schedule(Promise.resolve()),
        fault: () => failures > 0 && failures-- > 0 ? { when: 'after', code: 'EIO' } : undefined,
        check: real => {
          if (open.made === undefined) return
          expect(real.bytes).toBeLessThanOrEqual(open.made.space.used.bytes)
          expect(real.files).toBeLessThanOrEqual(open.made.space.used.files)
        }
      })
      open.made = made
      const { fileSystem, space, disk } = made
      await scheduler.waitFor(fileSystem.makeDirectory(shards[2]!))
      const run = async (steps: readonly Step[]): Promise<void> => {
        for (const { verb, directory, name, size, fails } of steps) {
          const [path, other] = [`${directories[directory]}/${name}`, `${paths.bundles}/${name}`]
          if (fails && verb === 'place') failures++
          const work = verb === 'place' ? placeFile(fileSystem, paths, path, [new Uint8Array(size)], { sync: true })
            : verb === 'write' ? fileSystem.writeFile(path, [new Uint8Array(size)], { sync: true })
              : verb === 'remove' ? fileSystem.remove(path) : fileSystem.rename(path, other)
          await work.catch(() => {})
        }
      }
      const counting = recount({ fileSystem, paths, space })
      await scheduler.waitFor(Promise.all(workers.map(run)))
      const done = await scheduler.waitFor(counting)
      if (done && fileSystem.isExact) {
        exact++
        expect(space.used).toEqual(disk.total)
      }
      expect(await scheduler.waitFor(recount({ fileSystem, paths, space }))).toBe(true)
      if (fileSystem.isExact) expect(space.used).toEqual(disk.total)
    }), { numRuns: 200 })
  expect(exact).toBeGreaterThan(0)
})
