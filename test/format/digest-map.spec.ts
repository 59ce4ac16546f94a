import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DigestMap } from '../../src/format/digest-map.ts'

const digestOf = (name: number): Uint8Array => createHash('sha256').update(String(name)).digest()

test('has every digest that was put in, in its order, however many, and no other', () => {
  const map = new DigestMap()
  const names = Array.from({ length: 10_000 }, (_, at) => at)
  for (const name of names) map.set(digestOf(name), name)
  expect(map.size).toBe(names.length)
  expect([...map].map(([digest, value]) => [Buffer.from(digest).toString('hex'), value]))
    .toEqual(names.map(name => [Buffer.from(digestOf(name)).toString('hex'), name]))
  for (const name of names) expect(map.get(digestOf(name))).toBe(name)
  for (const name of names) expect(map.has(digestOf(-1 - name))).toBe(false)
})

test('is as a map is, whatever is put in and taken out', () => {
  const step = fc.record({ verb: fc.constantFrom('set', 'set', 'delete'), name: fc.nat(60), value: fc.nat(2 ** 32 - 1) })
  fc.assert(fc.property(fc.array(step, { maxLength: 300 }), steps => {
    const [map, model] = [new DigestMap(), new Map<number, number>()]
    for (const { verb, name, value } of steps) {
      if (verb === 'set') {
        map.set(digestOf(name), value)
        model.set(name, value)
      } else {
        expect(map.delete(digestOf(name))).toBe(model.delete(name))
      }
    }
    expect(map.size).toBe(model.size)
    for (let name = 0; name <= 60; name++) expect(map.get(digestOf(name))).toBe(model.get(name))
    expect([...map].map(([, value]) => value).sort()).toEqual([...model.values()].sort())
  }))
})

test('tells digests apart by their last byte, and takes them from the middle of other bytes', () => {
  const map = new DigestMap()
  const bytes = new Uint8Array(70)
  bytes[41] = 1
  map.set(bytes.subarray(10, 42), 7)
  expect(map.get(new Uint8Array(32).fill(1, 31))).toBe(7)
  expect(map.get(new Uint8Array(32))).toBeUndefined()
  bytes[41] = 2
  expect(map.get(new Uint8Array(32).fill(1, 31))).toBe(7)
})

test('has nothing under more or fewer bytes than those of a digest, and takes nothing under them', () => {
  const map = new DigestMap()
  map.set(digestOf(1), 1)
  for (const bytes of [digestOf(1).subarray(0, 31), Uint8Array.of(...digestOf(1), 0), new Uint8Array()]) {
    expect([map.has(bytes), map.get(bytes), map.delete(bytes)]).toEqual([false, undefined, false])
    expect(() => { map.set(bytes, 2) }).toThrow(RangeError)
  }
})

test('is not changed by what becomes of its copy', () => {
  const map = new DigestMap()
  for (let name = 0; name < 20; name++) map.set(digestOf(name), name)
  const copy = map.copy()
  copy.set(digestOf(20), 20)
  copy.set(digestOf(0), 5)
  copy.delete(digestOf(1))
  expect([map.size, map.get(digestOf(0)), map.get(digestOf(1)), map.get(digestOf(20))]).toEqual([20, 0, 1, undefined])
  expect([copy.size, copy.get(digestOf(0)), copy.get(digestOf(1)), copy.get(digestOf(20))]).toEqual([20, 5, undefined, 20])
  copy.clear()
  expect([...copy]).toEqual([])
})

test('takes less than sixty bytes of memory for each digest, also of what it grew out of, and gives them back at once', () => {
  const before = process.memoryUsage().arrayBuffers
  const map = new DigestMap()
  const digest = new Uint8Array(32)
  const view = new DataView(digest.buffer)
  const count = 100_000
  for (let at = 0; at < count; at++) {
    view.setUint32(at % 28, Math.imul(at, 0x9e3779b1))
    map.set(digest, at)
  }
  expect(map.size).toBe(count)
  expect((process.memoryUsage().arrayBuffers - before) / count).toBeLessThan(60)
  map.clear()
  expect((process.memoryUsage().arrayBuffers - before) / count).toBeLessThan(10)
})
