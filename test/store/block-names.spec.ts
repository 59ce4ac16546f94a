import { expect, test } from 'vitest'
import { NotStoredError, StorageError } from '../../src/errors.ts'
import type { BlockReader } from '../../src/interface/store.ts'
import { blockKey } from '../../src/store/block-key.ts'
import { innerCidsOf } from '../../src/store/block-names.ts'
import { deepDag } from './hurt.ts'

const dag = deepDag('names', 10)
const [top, , upper, deepest, , , , side] = dag.blocks

test('gives the CIDs of all blocks that are not raw', async () => {
  const names = await innerCidsOf(dag.root, readerOf(() => undefined))
  expect([...names].map(([key, cid]) => [key, cid.toString()]).sort()).toEqual([top, upper, deepest, side].map(block =>
    [blockKey(block?.cid ?? expect.fail()), block?.cid.toString()]).sort())
})

test('leaves out what is below a damaged block', async () => {
  const names = await innerCidsOf(dag.root, readerOf(cid => cid === upper?.cid.toString() ? new NotStoredError('gone') : undefined))
  expect([...names.values()].map(String).sort()).toEqual([top, upper, side].map(block => block?.cid.toString()).sort())
})

test('rejects when it is not the block that is wrong', async () => {
  const error = new StorageError('no', { code: 'EMFILE' })
  await expect(innerCidsOf(dag.root, readerOf(() => error))).rejects.toBe(error)
})

function readerOf (fails: (cid: string) => Error | undefined): Pick<BlockReader, 'get'> {
  return {
    get: async cid => {
      const error = fails(cid.toString())
      if (error !== undefined) throw error
      return dag.blocks.find(block => block.cid.equals(cid))?.bytes ?? expect.fail()
    }
  }
}
