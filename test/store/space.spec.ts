import { describe, expect, it } from 'vitest'
import { StorageFullError } from '../../src/errors.ts'
import {
  essentialReserveBytes, essentialReserveFiles, freeSpaceCheckBytes, freeSpaceCheckMs, futileRemovalsMax, indexReserveBytes,
  spaceBoundStepBytes, spaceBoundStepFiles
} from '../../src/limits.ts'
import { Space } from '../../src/store/space.ts'
import type { SpaceInit } from '../../src/store/space.ts'

const limit = 1000
const bytesMax = limit + indexReserveBytes + essentialReserveBytes
const filesMax = 10 + essentialReserveFiles

/** A ledger with room for 1000 bytes and ten files. */
function makeSpace (init: Partial<SpaceInit> = {}): Space {
  return new Space({
    limits: { bytesMax, filesMax, freeBytesMin: 0 },
    freeBytes: async () => Number.MAX_SAFE_INTEGER,
    makeRoom: async () => false,
    describe: () => ({ heldBytes: 300, evictableBytes: 0 }),
    persistBound: async () => {},
    now: () => 0,
    ...init
  })
}

describe('take', () => {
  it('charges up to the limit and not a byte or file more', async () => {
    const space = makeSpace()
    await space.take({ bytes: limit - 1, files: 9 })
    await space.take({ bytes: 1, files: 1 })
    expect(space.used).toEqual({ bytes: limit, files: 10 })
    await expect(space.take({ bytes: 1, files: 0 })).rejects.toMatchObject({ name: 'StorageFullError', details: { reason: 'quota', needed: 1 } })
    await expect(space.take({ bytes: 0, files: 1 })).rejects.toMatchObject({ name: 'StorageFullError', details: { reason: 'files', needed: 1 } })
    expect(space.used).toEqual({ bytes: limit, files: 10 })
    expect(space.isOverQuota).toBe(false)
  })

  it('says what is needed, held and evictable, the limit, and what to do', async () => {
    const error: unknown = await makeSpace().take({ bytes: 2048, files: 1 }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(StorageFullError)
    expect(error).toMatchObject({
      message: 'No room for 2 KiB: 0 B of 1000 B are used, bundles of 300 B are held, and 0 B can go; release bundles, or raise storage.quota',
      retryable: true,
      details: { needed: 2048, used: 0, held: 300, evictable: 0, limit, reason: 'quota' }
    })
  })

  it('lets what is essential use the reserve, up to its end and without making room', async () => {
    let asked = 0
    const space = makeSpace({ makeRoom: async () => ++asked < 0 })
    await space.take({ bytes: limit, files: 10 })
    await space.take({ bytes: essentialReserveBytes, files: essentialReserveFiles, essential: true })
    await expect(space.take({ bytes: 1, files: 0, essential: true })).rejects.toMatchObject({ details: { reason: 'quota', limit: limit + essentialReserveBytes } })
    await expect(space.take({ bytes: 0, files: 1, essential: true })).rejects.toMatchObject({ details: { reason: 'files' } })
    expect(asked).toBe(0)
    expect(space.isOverQuota).toBe(true)
  })

  it('makes room for as long as some is missing', async () => {
    let rooms = 0
    const space: Space = makeSpace({
      makeRoom: async () => {
        space.give({ bytes: 100, files: 1 })
        return ++rooms > 0
      }
    })
    await space.take({ bytes: limit, files: 10 })
    await space.take({ bytes: 250, files: 1 })
    expect(rooms).toBe(3)
    expect(space.used).toEqual({ bytes: limit - 50, files: 8 })
  })

  it('looks once more after nothing could go: others may have given room back', async () => {
    const space: Space = makeSpace({
      makeRoom: async () => {
        space.give({ bytes: 1, files: 0 })
        return false
      }
    })
    await space.take({ bytes: limit, files: 0 })
    await space.take({ bytes: 1, files: 0 })
    await expect(space.take({ bytes: 2, files: 0 })).rejects.toThrow(StorageFullError)
  })

  it('removes nothing for what can never fit', async () => {
    let asked = 0
    const space = makeSpace({ makeRoom: async () => ++asked < 0 })
    await expect(space.take({ bytes: limit + 1, files: 1 })).rejects.toThrow(StorageFullError)
    await expect(space.take({ bytes: 0, files: 11 })).rejects.toThrow(StorageFullError)
    expect(asked).toBe(0)
  })

  it('stops when what it removes does not help', async () => {
    let rooms = 0
    const space = makeSpace({ makeRoom: async () => ++rooms > 0 })
    await space.take({ bytes: limit, files: 0 })
    await expect(space.take({ bytes: 1, files: 0 })).rejects.toThrow(StorageFullError)
    expect(rooms).toBe(futileRemovalsMax + 1)
  })

  it('makes room for one at a time, in the order in which they came', async () => {
    let running = 0
    const space: Space = makeSpace({
      makeRoom: async () => {
        expect(++running).toBe(1)
        await Promise.resolve()
        running--
        space.give({ bytes: 10, files: 0 })
        return true
      }
    })
    await space.take({ bytes: limit, files: 0 })
    const done: number[] = []
    await Promise.all([100, 10, 30].map(async bytes => {
      await space.take({ bytes, files: 0 })
      done.push(bytes)
    }))
    expect(done).toEqual([100, 10, 30])
    expect(space.used.bytes).toBe(limit)
  })

  it('rejects with the reason of the signal: before, in the line, and while room is made', async () => {
    const room = Promise.withResolvers<boolean>()
    const space = makeSpace({ makeRoom: () => room.promise })
    await expect(space.take({ bytes: 1, files: 0 }, { signal: AbortSignal.abort('before') })).rejects.toBe('before')
    await space.take({ bytes: limit, files: 0 })
    const [first, second] = [new AbortController(), new AbortController()]
    const waiting = [first, second].map(({ signal }) => space.take({ bytes: 1, files: 0 }, { signal }).catch((reason: unknown) => reason))
    second.abort('in the line')
    expect(await waiting[1]).toBe('in the line')
    first.abort('while room is made')
    expect(await waiting[0]).toBe('while room is made')
    expect(space.used.bytes).toBe(limit)
    const last = space.take({ bytes: 1, files: 0 })
    space.give({ bytes: 1, files: 0 })
    room.resolve(true)
    await last
  })

  it('rejects with what makeRoom and freeBytes reject with, and goes on', async () => {
    let failing = true
    const fails = async (): Promise<never> => { throw new Error('no') }
    const space: Space = makeSpace({
      makeRoom: () => failing ? fails() : Promise.resolve(false),
      freeBytes: () => failing ? fails() : Promise.resolve(1e9)
    })
    await expect(space.take({ bytes: 1, files: 0 })).rejects.toThrow('no')
    failing = false
    await space.take({ bytes: limit, files: 0 })
    failing = true
    await expect(space.take({ bytes: 1, files: 0 })).rejects.toThrow('no')
    failing = false
    await expect(space.take({ bytes: 1, files: 0 })).rejects.toThrow(StorageFullError)
  })
})

describe('what is left of the file system', () => {
  const limits = { bytesMax: 2 ** 40, filesMax, freeBytesMin: 500 }

  it('is not gone below, to the byte, except for what is essential', async () => {
    const space: Space = makeSpace({ limits, freeBytes: async () => 600 - space.used.bytes })
    await space.take({ bytes: 99, files: 0 })
    await space.take({ bytes: 1, files: 0 })
    await expect(space.take({ bytes: 1, files: 0 })).rejects.toMatchObject({
      message: 'The file system has no room for 1 B (500 B are free): bundles of 300 B are held, and 0 B can go; ' +
        'free some of it, release bundles, or lower storage.keepFree',
      details: { reason: 'file-system', free: 500 }
    })
    await space.take({ bytes: 1000, files: 0, essential: true })
  })

  it('is made by removing what may go', async () => {
    let free = 500
    const space = makeSpace({
      limits,
      freeBytes: async () => free,
      makeRoom: async () => (free += 40) > 0
    })
    await space.take({ bytes: 100, files: 0 })
    expect(free).toBe(620)
  })

  it('is asked for again after so many bytes, and after so long', async () => {
    let asked = 0
    let now = 0
    const space = makeSpace({ limits, now: () => now, freeBytes: async () => ++asked * 0 + 2 ** 40 })
    await space.take({ bytes: 1, files: 0 })
    await space.take({ bytes: freeSpaceCheckBytes - 2, files: 0 })
    await space.take({ bytes: 0, files: 0 })
    expect(asked).toBe(1)
    await space.take({ bytes: 1, files: 0 })
    await space.take({ bytes: 0, files: 0 })
    expect(asked).toBe(2)
    now += freeSpaceCheckMs - 1
    await space.take({ bytes: 0, files: 0 })
    expect(asked).toBe(2)
    now += 1
    await space.take({ bytes: 0, files: 0 })
    expect(asked).toBe(3)
  })
})

describe('the noted bound', () => {
  const limits = { bytesMax: 2 ** 40, filesMax: 1e6, freeBytesMin: 0 }

  it('is noted before it is used, in steps', async () => {
    const bounds: { bytes: number, files: number }[] = []
    const space: Space = makeSpace({ limits, persistBound: async bound => { bounds.push(bound) } })
    await space.take({ bytes: 1, files: 1 })
    await space.take({ bytes: spaceBoundStepBytes, files: 1 })
    expect(bounds).toEqual([
      { bytes: 1 + spaceBoundStepBytes + essentialReserveBytes, files: 1 + spaceBoundStepFiles + essentialReserveFiles }
    ])
    await space.take({ bytes: 1, files: 0 })
    expect(bounds).toHaveLength(2)
    await space.take({ bytes: 0, files: spaceBoundStepFiles - 1 })
    expect(bounds).toHaveLength(2)
    await space.take({ bytes: 0, files: 2 })
    expect(bounds).toHaveLength(3)
  })

  it('does not pass what may ever be used', async () => {
    const bounds: { bytes: number, files: number }[] = []
    const space = makeSpace({ persistBound: async bound => { bounds.push(bound) } })
    await space.take({ bytes: limit, files: 10 })
    expect(bounds).toEqual([{ bytes: limit + essentialReserveBytes, files: filesMax }])
    await space.take({ bytes: 7, files: 7, essential: true })
    expect(bounds).toHaveLength(1)
  })

  it('is waited for, once for all, but not by what is essential', async () => {
    const noted = Promise.withResolvers<undefined>()
    let notes = 0
    const space: Space = makeSpace({
      persistBound: async () => {
        notes++
        await space.take({ bytes: 10, files: 1, essential: true })
        await noted.promise
      }
    })
    const done: string[] = []
    const one = space.take({ bytes: 1, files: 0 }).then(() => done.push('one'))
    const two = space.take({ bytes: 1, files: 0 }).then(() => done.push('two'))
    while (notes === 0) await Promise.resolve()
    await space.take({ bytes: 1, files: 0, essential: true })
    done.push('essential')
    noted.resolve(undefined)
    await Promise.all([one, two])
    expect(done).toEqual(['essential', 'one', 'two'])
    expect(notes).toBe(1)
  })

  it('is noted once more at most when what is essential came meanwhile', async () => {
    let notes = 0
    const space: Space = makeSpace({
      persistBound: async () => {
        notes++
        await space.take({ bytes: 10, files: 0, essential: true })
      }
    })
    await space.take({ bytes: limit, files: 0 })
    expect(space.used.bytes).toBe(limit + 10)
    expect(notes).toBe(1)
  })

  it('gives back what could not be noted', async () => {
    let failing = true
    const space = makeSpace({ persistBound: async () => { if (failing) throw new Error('no') } })
    await expect(space.take({ bytes: 1, files: 1 })).rejects.toThrow('no')
    await expect(space.take({ bytes: 1, files: 1, essential: true })).rejects.toThrow('no')
    expect(space.used).toEqual({ bytes: 0, files: 0 })
    failing = false
    await space.take({ bytes: 1, files: 1 })
  })
})

describe('give, reset and assertFits', () => {
  it('never goes below zero', async () => {
    const space = makeSpace()
    await space.take({ bytes: 5, files: 1 })
    space.give({ bytes: 7, files: 2 })
    expect(space.used).toEqual({ bytes: 0, files: 0 })
  })

  it('takes nothing new over the quota, but what is essential', async () => {
    const space = makeSpace()
    space.reset({ bytes: limit * 5 + essentialReserveBytes, files: 100 })
    expect(space.isOverQuota).toBe(true)
    await expect(space.take({ bytes: 1, files: 0 })).rejects.toThrow(StorageFullError)
    await space.take({ bytes: 10, files: 1, essential: true })
    space.give({ bytes: 4010, files: 99 })
    await expect(space.take({ bytes: essentialReserveBytes + 1, files: 0, essential: true })).rejects.toThrow(StorageFullError)
    space.reset({ bytes: limit + 1, files: 10 })
    expect(space.isOverQuota).toBe(true)
    space.give({ bytes: 1, files: 0 })
    expect(space.isOverQuota).toBe(false)
    space.reset({ bytes: 0, files: 11 })
    expect(space.isOverQuota).toBe(true)
  })

  it('refuses what could not be stored beside what is held', () => {
    const space = makeSpace()
    space.assertFits(limit - 300)
    expect(() => { space.assertFits(limit - 299) }).toThrow(StorageFullError)
  })
})

describe('relieve', () => {
  it('removes until so many bytes are gone or nothing can go', async () => {
    let left = 5
    const space: Space = makeSpace({
      makeRoom: async () => {
        if (left === 0) return false
        left--
        space.give({ bytes: 10, files: 0 })
        return true
      }
    })
    expect(await space.relieve()).toBe(true)
    expect(left).toBe(4)
    expect(await space.relieve(20)).toBe(true)
    expect(left).toBe(2)
    expect(await space.relieve(1000)).toBe(true)
    expect(left).toBe(0)
    expect(await space.relieve(1)).toBe(false)
  })

  it('shares what is running already', async () => {
    let calls = 0
    const space = makeSpace({ makeRoom: async () => ++calls > 0 })
    expect(await Promise.all([space.relieve(), space.relieve()])).toEqual([true, true])
    expect(calls).toBe(1)
  })
})
