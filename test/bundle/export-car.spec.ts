import { CarReader } from '@ipld/car'
import { expect, test } from 'vitest'
import { exportCar } from '../../src/bundle/export-car.ts'
import { all, TestDag } from './dags.ts'

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

test('stops when its signal is aborted', async () => {
  const dag = new TestDag()
  const reason = new Error('enough')
  await expect(all(exportCar(dag.reader, dag.directory([]), { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason)
})
