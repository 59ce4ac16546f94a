import { expect, test } from 'vitest'
import { CarCache } from '../../src/store/car-cache.ts'

const block = (key: string, length: number): { key: string, offset: number, bytes: Uint8Array } =>
  ({ key, offset: 0, bytes: new Uint8Array(length) })

test('reads a CAR once for all who ask, and keeps its blocks', async () => {
  let reads = 0
  const cars = new CarCache(() => {
    reads++
    return Promise.resolve([block('x', 1), block('y', 2)])
  })
  await Promise.all([cars.load('a'), cars.load('a')])
  await cars.load('a')
  expect(reads).toBe(1)
  expect(cars.find('y')).toHaveLength(2)
  expect(cars.find('z')).toBeUndefined()
})

test('begins to read a CAR once, and leaves it to whoever needs it to hear of a failure', async () => {
  const reads: string[] = []
  const cars = new CarCache((root) => {
    reads.push(root)
    return root === 'a' ? Promise.resolve([block('x', 1)]) : Promise.reject(new Error('damaged'))
  })
  cars.prepare('a')
  cars.prepare('a')
  await cars.load('a')
  cars.prepare('a')
  cars.prepare('b')
  await expect(cars.load('b')).rejects.toThrow('damaged')
  expect(cars.find('x')).toHaveLength(1)
  expect(reads).toEqual(['a', 'b'])
})

test('lets go of the CAR that was not used for longest when there are more bytes than it may keep', async () => {
  const cars = new CarCache(root => Promise.resolve([block(root, 10)]), 20)
  await cars.load('a')
  await cars.load('b')
  expect(cars.find('a')).toBeDefined()
  await cars.load('c')
  expect(['a', 'b', 'c'].map(key => cars.find(key) !== undefined)).toEqual([true, false, true])
})

test('keeps one CAR that is larger than it may keep in all, until the next', async () => {
  const cars = new CarCache(root => Promise.resolve([block(root, 30)]), 20)
  await cars.load('a')
  expect(cars.find('a')).toBeDefined()
  await cars.load('b')
  expect(['a', 'b'].map(key => cars.find(key) !== undefined)).toEqual([false, true])
})

test('forgets a CAR, but not the blocks that another one has too', async () => {
  const cars = new CarCache(root => Promise.resolve([block('shared', 1), block(root, 1)]))
  await cars.load('a')
  await cars.load('b')
  cars.forget('a')
  expect(['a', 'b', 'shared'].map(key => cars.find(key) !== undefined)).toEqual([false, true, true])
})

test('tries again after a read that failed', async () => {
  let fails = true
  const cars = new CarCache(() => fails ? Promise.reject(new Error('no')) : Promise.resolve([block('x', 1)]))
  await expect(cars.load('a')).rejects.toThrow('no')
  fails = false
  await cars.load('a')
  expect(cars.find('x')).toBeDefined()
})

test('does not keep what was read of a CAR before it was forgotten', async () => {
  const gate = Promise.withResolvers<undefined>()
  let reads = 0
  const cars = new CarCache(async () => {
    const version = ++reads
    if (version === 1) await gate.promise
    return [block('x', version)]
  })
  const first = cars.load('a')
  cars.forget('a')
  await cars.load('a')
  gate.resolve(undefined)
  await first
  expect(cars.find('x')).toHaveLength(2)
})

test('finds a block in the CAR of one bundle, or of any', async () => {
  const cars = new CarCache(root => Promise.resolve([block(root, 1)]))
  await cars.load('a')
  expect(cars.find('a', 'a')).toHaveLength(1)
  expect(cars.find('a', 'b')).toBeUndefined()
})
