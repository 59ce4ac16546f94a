import { CarReader } from '@ipld/car'
import { expect, test } from 'vitest'
import { exportCar } from '../../src/bundle/export-car.ts'
import { encodeCarHeader, encodeCarSectionHead } from '../../src/format/car-sections.ts'
import { carPieceBytesMin } from '../../src/limits.ts'
import { all, TestDag } from './dags.ts'
import type { DagReader } from '../../src/bundle/dag-reader.ts'
import type { CarProgress } from '../../src/interface/progress.ts'
import type { CID } from 'multiformats/cid'

/** Many files that are much smaller than a piece. */
function manyFiles (dag: TestDag, count: number, bytes: number): CID {
  return dag.directory(Array.from({ length: count }, (_, index) => {
    const content = Buffer.alloc(bytes, `${index} `)
    return { name: String(index), cid: dag.raw(content), size: bytes }
  }))
}

test('writes every block once, depth first, after one root', async () => {
  const dag = new TestDag()
  const shared = dag.raw('shared')
  const inner = dag.directory([{ name: 'x', cid: shared, size: 6 }, { name: 'y', cid: dag.raw('y'), size: 1 }])
  const root = dag.directory([{ name: 'a', cid: inner }, { name: 'b', cid: shared, size: 6 }])
  const car = await CarReader.fromBytes(Buffer.concat(await all(exportCar(dag.reader, root))))
  expect((await car.getRoots()).map(String)).toEqual([root.toString()])
  const blocks = await all(car.blocks())
  expect(blocks.map(({ cid }) => cid.toString())).toEqual([root, inner, shared, dag.raw('y')].map(String))
  expect(blocks.every(({ cid, bytes }) => Buffer.from(bytes).equals(dag.blocks.get(cid.toString()) ?? new Uint8Array()))).toBe(true)
})

test.for<[string, number, number]>([
  ['tiny files', 5000, 20], ['files as large as a piece', 4, carPieceBytesMin], ['files larger than a piece', 4, 1_000_000], ['one empty file', 1, 0]
])('gives large pieces of %s, whose bytes are those of header and sections', async ([, count, bytes]) => {
  const dag = new TestDag()
  const root = manyFiles(dag, count, bytes)
  const pieces = await all(exportCar(dag.reader, root))
  for (const piece of pieces.slice(0, -1)) expect(piece.byteLength).toBeGreaterThanOrEqual(carPieceBytesMin)
  expect(pieces.every(piece => piece.byteLength > 0 && piece.byteLength < carPieceBytesMin + 1_000_100)).toBe(true)
  const car = await CarReader.fromBytes(Buffer.concat(pieces))
  const sections = (await all(car.blocks())).flatMap(({ cid, bytes }) => [encodeCarSectionHead(cid, bytes.length), bytes])
  expect(Buffer.concat(pieces).equals(Buffer.concat([encodeCarHeader(root), ...sections]))).toBe(true)
})

test('gives pieces that nobody else reads', async () => {
  const dag = new TestDag()
  const root = manyFiles(dag, 3, 200_000)
  const first = await all(exportCar(dag.reader, root))
  const before = Buffer.concat(first)
  for (const piece of first) piece.fill(0)
  expect(Buffer.concat(await all(exportCar(dag.reader, root))).equals(before)).toBe(true)
})

test('reads several blocks at the same time, and none that nobody will get', async () => {
  const dag = new TestDag()
  const root = manyFiles(dag, 100, carPieceBytesMin)
  let [reading, most, reads] = [0, 0, 0]
  const reader: DagReader = {
    get: async ({ cid }) => {
      most = Math.max(most, ++reading)
      reads++
      await new Promise(resolve => { setImmediate(resolve) })
      reading--
      return dag.get(cid)
    }
  }
  const pieces = exportCar(reader, root)
  await pieces.next()
  await pieces.return(undefined)
  expect(most).toBeGreaterThan(1)
  expect(reads).toBeLessThan(20)
})

test('aborts what it reads ahead when its consumer goes away', async () => {
  const dag = new TestDag()
  const root = manyFiles(dag, 10, carPieceBytesMin)
  const signals: (AbortSignal | undefined)[] = []
  const pieces = exportCar({ get: async ({ cid }, options) => { signals.push(options?.signal); return dag.get(cid) } }, root)
  await pieces.next()
  await pieces.return(undefined)
  expect(signals.every(signal => signal?.aborted === true)).toBe(true)
})

test('tells how far it is', async () => {
  const dag = new TestDag()
  const root = manyFiles(dag, 3, carPieceBytesMin)
  const bytesTotal = [...dag.blocks.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
  const details: CarProgress[] = []
  await all(exportCar(dag.reader, root, {
    bytesTotal,
    onProgress: event => { if (event.type === 'datanode:export:progress') details.push(event.detail) }
  }))
  expect(details.map(({ blocksDone }) => blocksDone)).toEqual([2, 3, 4])
  expect(details.at(-1)).toEqual({ blocksDone: 4, bytesDone: bytesTotal, bytesTotal })
})

test('stops when its signal is aborted, before and in the middle', async () => {
  const dag = new TestDag()
  const reason = new Error('enough')
  const root = manyFiles(dag, 10, carPieceBytesMin)
  await expect(all(exportCar(dag.reader, root, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
  const abort = new AbortController()
  const pieces = exportCar(dag.reader, root, { signal: abort.signal })
  await pieces.next()
  abort.abort(reason)
  await expect(pieces.next()).rejects.toBe(reason)
})

test('gives nothing after its signal was aborted, also of what was read before, and says nothing else', async () => {
  const dag = new TestDag()
  const reason = new Error('enough')
  // What makes the first piece full, and all after it, is read together.
  const root = manyFiles(dag, 59, 1200)
  for (const failure of [undefined, new Error('the store is closed')]) {
    const abort = new AbortController()
    const reader: DagReader = {
      get: async ({ cid }) => {
        if (abort.signal.aborted && failure !== undefined) throw failure
        return dag.get(cid)
      }
    }
    const pieces = exportCar(reader, root, { signal: abort.signal })
    expect((await pieces.next()).done).toBe(false)
    abort.abort(reason)
    await expect(all(pieces)).rejects.toBe(reason)
  }
})

test('rejects at a block that cannot be read', async () => {
  const dag = new TestDag()
  const root = manyFiles(dag, 3, carPieceBytesMin)
  const reason = new Error('damaged')
  const last = [...dag.blocks.keys()].at(-2)
  const reader: DagReader = { get: async ({ cid }) => { if (cid.toString() === last) throw reason; return dag.get(cid) } }
  await expect(all(exportCar(reader, root))).rejects.toBe(reason)
})

test('leaves out the blocks of a bundle that the other side has', async () => {
  const dag = new TestDag()
  const same = dag.directory([{ name: 'x', cid: dag.raw('x'), size: 1 }])
  const before = dag.directory([{ name: 'a', cid: same }, { name: 'b', cid: dag.raw('b'), size: 1 }])
  const after = dag.directory([{ name: 'a', cid: same }, { name: 'b', cid: dag.raw('changed'), size: 7 }, { name: 'c', cid: dag.raw('b'), size: 1 }])
  const car = await CarReader.fromBytes(Buffer.concat(await all(exportCar(dag.reader, after, { since: { reader: dag.reader, root: before } }))))
  expect((await car.getRoots()).map(String)).toEqual([after.toString()])
  expect((await all(car.blocks())).map(({ cid }) => cid.toString())).toEqual([after, dag.raw('changed')].map(String))
  const nothing = await all(exportCar(dag.reader, after, { since: { reader: dag.reader, root: after } }))
  expect(Buffer.concat(nothing)).toEqual(Buffer.from(encodeCarHeader(after)))
})
