import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StorageError, StorageFullError } from '../../src/errors.ts'
import { essentialReserveBytes, essentialReserveFiles, fullDiskRetriesMax, indexReserveBytes } from '../../src/limits.ts'
import { MeteredFileSystem } from '../../src/store/metered-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { placeFile } from '../../src/store/place-file.ts'
import { Space } from '../../src/store/space.ts'
import type { SpaceInit } from '../../src/store/space.ts'
import type { Call } from './fault-file-systems.ts'
import { SizedFileSystem } from './sized-file-system.ts'
import type { Fault, SizedInit } from './sized-file-system.ts'

const paths = new RepositoryPaths('/repository')
const limit = 100
const sync = { sync: true }

interface Metered {
  disk: SizedFileSystem
  space: Space
  metered: MeteredFileSystem
}

/** A metered disk with room for 100 bytes and 50 files, and as much for what is essential as there always is. */
async function makeMetered (init: SizedInit = {}, makeRoom: SpaceInit['makeRoom'] = async () => false): Promise<Metered> {
  const disk = new SizedFileSystem(init)
  const space = new Space({
    limits: { bytesMax: limit + indexReserveBytes + essentialReserveBytes, filesMax: 50 + essentialReserveFiles, freeBytesMin: 0 },
    freeBytes: async () => Number.MAX_SAFE_INTEGER,
    makeRoom,
    describe: () => ({ heldBytes: 0, evictableBytes: 0 }),
    persistBound: async () => {},
    now: () => 0
  })
  const metered = new MeteredFileSystem({ below: disk, space, temp: paths.temp })
  for (const directory of [paths.bundles, paths.temp]) await metered.makeDirectory(directory)
  return { disk, space, metered }
}

function bytes (count: number): Uint8Array[] {
  return [new Uint8Array(Math.floor(count / 2)), new Uint8Array(Math.ceil(count / 2))]
}

/** Lets one kind of call go wrong until it is told otherwise. */
function failing (): { fault: NonNullable<SizedInit['fault']>, set: (name?: Call['name'], when?: Fault, code?: string) => void } {
  let now: { name: Call['name'], when: Fault, code: string } | undefined
  return {
    fault: call => call.name === now?.name ? now : undefined,
    set: (name, when = 'before', code = 'EIO') => { now = name === undefined ? undefined : { name, when, code } }
  }
}

describe('what is charged', () => {
  it('is the sum of the sizes: written, renamed, replaced and removed', async () => {
    const { disk, space, metered } = await makeMetered()
    await metered.writeFile('/repository/temp/a', bytes(30), sync)
    expect(space.used).toEqual({ bytes: 30, files: 1 })
    await metered.rename('/repository/temp/a', '/repository/bundles/a')
    await metered.writeFile('/repository/temp/b', bytes(20), sync)
    expect(space.used).toEqual({ bytes: 50, files: 2 })
    await metered.rename('/repository/temp/b', '/repository/bundles/a')
    expect(space.used).toEqual({ bytes: 20, files: 1 })
    await metered.writeFile('/repository/temp/mark', [], sync)
    expect(space.used).toEqual({ bytes: 20, files: 2 })
    for (const path of ['/repository/temp/mark', '/repository/bundles/a', '/repository/bundles/missing']) await metered.remove(path)
    expect(space.used).toEqual({ bytes: 0, files: 0 })
    expect(disk.total).toEqual({ bytes: 0, files: 0 })
    expect(metered.isExact).toBe(true)
  })

  it('is there before the first byte lands', async () => {
    let seen = 0
    const { metered, space } = await makeMetered({ fault: () => { seen = Math.max(seen, space.used.bytes); return undefined } })
    await metered.writeFile('/repository/temp/a', bytes(30), sync)
    expect(seen).toBe(30)
  })

  it('is refused beyond the limit, with nothing written', async () => {
    const { disk, metered, space } = await makeMetered()
    await metered.writeFile('/repository/temp/a', bytes(limit), sync)
    await expect(metered.writeFile('/repository/temp/b', bytes(1), sync)).rejects.toThrow(StorageFullError)
    expect([...disk.sizes.keys()]).toEqual(['/repository/temp/a'])
    await metered.writeFile('/repository/temp/b', bytes(1), { sync: true, essential: true })
    expect(space.used).toEqual({ bytes: limit + 1, files: 2 })
  })

  it('is not given back for a file that was there before', async () => {
    const { metered, space } = await makeMetered()
    await metered.writeFile('/repository/bundles/a', bytes(10), sync)
    await expect(metered.writeFile('/repository/bundles/a', bytes(20), sync)).rejects.toMatchObject({ details: { code: 'EEXIST' } })
    expect(space.used).toEqual({ bytes: 10, files: 1 })
    await metered.rename('/repository/bundles/a', '/repository/bundles/a')
    await metered.remove('/repository/bundles/a')
    expect(space.used).toEqual({ bytes: 0, files: 0 })
  })

  it.each(['before', 'partial', 'after'] as const)('stays when a write fails (%s), until the file is removed', async when => {
    const { fault, set } = failing()
    const { metered, space } = await makeMetered({ fault })
    set('writeFile', when)
    await expect(metered.writeFile('/repository/temp/a', bytes(30), sync)).rejects.toThrow(StorageError)
    expect(space.used).toEqual({ bytes: 30, files: 1 })
    expect(metered.isExact).toBe(false)
    await metered.remove('/repository/temp/a')
    expect(space.used).toEqual({ bytes: 0, files: 0 })
    expect(metered.isExact).toBe(true)
  })

  it.each(['before', 'after'] as const)('is right when a rename fails (%s) and the temp is removed', async when => {
    const { fault, set } = failing()
    const { disk, metered, space } = await makeMetered({ fault })
    await metered.writeFile('/repository/bundles/a', bytes(40), sync)
    set('rename', when)
    await expect(placeFile(metered, paths, '/repository/bundles/a', bytes(30), sync)).rejects.toThrow(StorageError)
    expect(space.used).toEqual(disk.total)
    expect(space.used).toEqual({ bytes: when === 'before' ? 40 : 30, files: 1 })
  })

  it.each(['before', 'after'] as const)('is right when a removal fails (%s) and is done again', async when => {
    const { fault, set } = failing()
    const { metered, space } = await makeMetered({ fault })
    await placeFile(metered, paths, '/repository/bundles/a', bytes(40), sync)
    set('remove', when)
    await expect(metered.remove('/repository/bundles/a')).rejects.toThrow(StorageError)
    expect(space.used).toEqual({ bytes: 40, files: 1 })
    set()
    await metered.remove('/repository/bundles/a')
    expect(space.used).toEqual({ bytes: 0, files: 0 })
  })

  it('is too much rather than too little when nobody can say what became of a file', async () => {
    const { fault, set } = failing()
    const { disk, metered, space } = await makeMetered({ fault })
    await placeFile(metered, paths, '/repository/bundles/a', bytes(10), sync)
    const stat = disk.stat.bind(disk)
    disk.stat = async () => { throw new StorageError('no', { code: 'EIO' }) }
    set('rename', 'after')
    await expect(placeFile(metered, paths, '/repository/bundles/a', bytes(30), sync)).rejects.toThrow(StorageError)
    expect(space.used.bytes).toBeGreaterThanOrEqual(disk.total.bytes)
    expect(metered.isExact).toBe(false)
    disk.stat = stat
    set()
    await metered.remove('/repository/bundles/a')
    expect(disk.total.bytes).toBe(0)
    expect(space.used.bytes).toBeGreaterThanOrEqual(0)
    metered.startOver()
    expect(metered.isExact).toBe(true)
  })
})

describe('a full file system', () => {
  it.each(['ENOSPC', 'EDQUOT'])('is relieved until the write passes (%s)', async code => {
    let rooms = 0
    const { disk, metered, space } = await makeMetered({
      fault: ({ name }) => name === 'writeFile' && rooms < 3 ? { when: 'before', code } : undefined
    }, async () => ++rooms > 0)
    await metered.writeFile('/repository/temp/a', bytes(0), sync)
    expect(rooms).toBe(3)
    expect(disk.total).toEqual({ bytes: 0, files: 1 })
    expect(space.used).toEqual({ bytes: 0, files: 1 })
  })

  it('is said when nothing can go, with what the system said, and leaves nothing behind', async () => {
    const { fault, set } = failing()
    const { disk, metered, space } = await makeMetered({ fault })
    set('writeFile', 'partial', 'ENOSPC')
    const error: unknown = await metered.writeFile('/repository/temp/a', bytes(30), sync).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StorageFullError)
    expect(error).toMatchObject({ details: { reason: 'file-system', needed: 30 }, cause: { details: { code: 'ENOSPC' } } })
    expect(space.used).toEqual({ bytes: 0, files: 0 })
    expect(disk.total).toEqual({ bytes: 0, files: 0 })
  })

  it('is tried so many times, and not at all for what is essential', async () => {
    const { fault, set } = failing()
    let rooms = 0
    const { metered } = await makeMetered({ fault }, async () => ++rooms > 0)
    set('writeFile', 'before', 'ENOSPC')
    await expect(metered.writeFile('/repository/temp/a', bytes(0), { sync: true, essential: true })).rejects.toThrow(StorageFullError)
    expect(rooms).toBe(0)
    await expect(metered.writeFile('/repository/temp/a', bytes(0), sync)).rejects.toThrow(StorageFullError)
    expect(rooms).toBe(fullDiskRetriesMax)
  })

  it('is said as well when making room fails, and of a rename and a directory', async () => {
    const { fault, set } = failing()
    const { disk, metered } = await makeMetered({ fault }, async () => { throw new Error('no') })
    set('writeFile', 'partial', 'ENOSPC')
    await expect(metered.writeFile('/repository/temp/a', bytes(1), sync)).rejects.toThrow(StorageFullError)
    set('rename', 'before', 'ENOSPC')
    await expect(placeFile(metered, paths, '/repository/bundles/a', bytes(1), sync)).rejects.toThrow(StorageFullError)
    disk.makeDirectory = async () => { throw new StorageError('no', { code: 'ENOSPC' }) }
    await expect(metered.makeDirectory('/repository/blocks/AA')).rejects.toThrow(StorageFullError)
  })

  it('keeps the charge of what it cannot remove', async () => {
    const { disk, metered, space } = await makeMetered({
      fault: ({ name }) => name === 'writeFile' ? { when: 'partial', code: 'ENOSPC' } : name === 'remove' ? { when: 'before', code: 'EIO' } : undefined
    })
    await expect(metered.writeFile('/repository/temp/a', bytes(30), sync)).rejects.toMatchObject({ details: { code: 'ENOSPC' } })
    expect(disk.total.bytes).toBe(1)
    expect(space.used).toEqual({ bytes: 30, files: 1 })
  })
})

interface Step { verb: 'place' | 'remove' | 'move', name: number, size: number, essential: boolean, fault: Fault | undefined, code: string }

const step: fc.Arbitrary<Step> = fc.record({
  verb: fc.constantFrom('place', 'place', 'remove', 'move'),
  name: fc.nat(4),
  size: fc.integer({ min: 1, max: 60 }),
  essential: fc.boolean(),
  fault: fc.option(fc.constantFrom<Fault>('before', 'after', 'partial'), { nil: undefined, freq: 3 }),
  code: fc.constantFrom('EIO', 'ENOSPC')
})

describe('concurrent work', () => {
  it('never has more on the disk than is charged, nor more charged than the limit, and ends with the sum', async () => {
    await fc.assert(fc.asyncProperty(fc.scheduler(), fc.array(fc.array(step, { maxLength: 8 }), { minLength: 1, maxLength: 4 }),
      async (scheduler, workers) => {
        const open: { made?: Metered } = {}
        const faults: Step[] = []
        let room = 0
        const made = await makeMetered({
          pause: () => open.made === undefined ? Promise.resolve() : scheduler.schedule(Promise.resolve()),
          fault: () => {
            const next = open.made === undefined ? undefined : faults.shift()
            return next?.fault === undefined ? undefined : { when: next.fault, code: next.code }
          },
          check: real => {
            if (open.made === undefined) return
            const { space } = open.made
            expect(real.bytes).toBeLessThanOrEqual(space.used.bytes)
            expect(real.files).toBeLessThanOrEqual(space.used.files)
            // Essential writes of this test are far smaller than their reserve.
            expect(real.bytes).toBeLessThanOrEqual(limit + essentialUnderWay)
          }
        }, async () => {
          const path = `/repository/bundles/${room++ % 5}`
          if (await made.disk.stat(path) === undefined) return false
          await made.metered.remove(path)
          return true
        })
        let essentialUnderWay = 0
        open.made = made
        const { metered } = made
        const run = async (steps: readonly Step[]): Promise<void> => {
          for (const one of steps) {
            const path = `/repository/bundles/${one.name}`
            if (one.fault !== undefined) faults.push(one)
            if (one.verb === 'place' && one.essential) essentialUnderWay += one.size
            const work = one.verb === 'remove' ? metered.remove(path)
              : one.verb === 'move' ? metered.rename(path, `/repository/bundles/${(one.name + 1) % 5}`)
                : placeFile(metered, paths, path, bytes(one.size), { sync: true, essential: one.essential })
            await work.catch((error: unknown) => {
              if (!(error instanceof StorageError) && !(error instanceof StorageFullError)) throw error
            })
          }
        }
        await scheduler.waitFor(Promise.all(workers.map(run)))
        expect(made.disk.total.bytes).toBeLessThanOrEqual(made.space.used.bytes)
        if (metered.isExact) expect(made.space.used).toEqual(made.disk.total)
      }), { numRuns: 300 })
  })
})
