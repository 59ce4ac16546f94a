import { describe, expect, it } from 'vitest'
import { checkOrigin, completeOrigin } from '../../src/dataset/row-origin.ts'
import { encodeRowLineage } from '../../src/format/row-lineage.ts'
import { rowLineageBytesMax, rowModelCharactersMax } from '../../src/limits.ts'
import { miner, root } from '../audit/fixtures.ts'
import type { OriginComponents } from '../../src/dataset/row-origin.ts'
import type { RowOrigin } from '../../src/interface/append.ts'
import type { Bundle } from '../../src/interface/bundle.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

const task = { chainId: '1', queue: miner(0xcc), sessionId: '7', taskId: '2' }
const manifest = { kind: 'result', answers: root('task').toString(), task, miner: miner(1), model: { name: 'm', digest: '0xdd' } }
const origin: RowOrigin = { result: root('result'), miner: miner(1) }
let open = 0

function node (kind: string | undefined, said: object = manifest): OriginComponents {
  return {
    store: { record: () => kind === undefined ? undefined : { kind } as StoredBundle },
    open: async cid => {
      open++
      const close = async (): Promise<unknown> => await Promise.resolve(open--)
      return await Promise.resolve({ cid, manifest: said, statements: [], delegations: [], close } as unknown as Bundle)
    }
  }
}

describe('checkOrigin', () => {
  it('takes what a host says in its canonical form', () => {
    const said = { result: `urn:blob:v2:ipfs:${root('result').toString()}`, miner: `0x${miner(0xab).slice(2).toUpperCase()}` as const, model: 'm', task }
    expect(checkOrigin(said)).toEqual({ result: root('result').toString(), miner: miner(0xab), model: 'm', task })
  })

  it.each<[string, object]>([
    ['no address', { miner: '0x1' }], ['an empty model', { model: '' }], ['a model with a lone surrogate', { model: '\ud800' }], ['half a task', { task: { chainId: '1' } }],
    ['a model of too many characters', { model: 'm'.repeat(rowModelCharactersMax + 1) }]
  ])('refuses %s', (_, change) => {
    expect(() => checkOrigin({ ...origin, ...change })).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
  })

  it('takes nothing that would not fit into a line beside the table', () => {
    const long = '\u0001'.repeat(rowModelCharactersMax)
    const number = (2n ** 256n - 1n).toString()
    const most = { ...origin, model: long, task: { chainId: number, queue: miner(1), sessionId: number, taskId: number } }
    const line = { ...checkOrigin(most), answers: root('a').toString(), modelDigest: long, path: 'data/part-00001.parquet', rowGroup: 0, from: 0, to: 1 }
    expect(Buffer.byteLength(encodeRowLineage(line))).toBeLessThan(rowLineageBytesMax - 2_048)
  })
})

describe('completeOrigin', () => {
  it('keeps what a result says of itself', async () => {
    expect(await completeOrigin(node('result'), checkOrigin(origin)))
      .toEqual({ result: root('result').toString(), miner: miner(1), answers: root('task').toString(), task, model: 'm', modelDigest: '0xdd' })
    expect(open).toBe(0)
  })

  it('keeps the word of the host where the result says nothing', async () => {
    expect(await completeOrigin(node('result', { ...manifest, model: undefined }), checkOrigin({ ...origin, model: 'told' }))).toMatchObject({ model: 'told' })
  })

  it.each([undefined, 'dataset'])('keeps what is said of what is no result here: %s', async kind => {
    expect(await completeOrigin(node(kind), checkOrigin(origin))).toEqual(checkOrigin(origin))
  })

  it.each<[string, Partial<RowOrigin>]>([['miner', { miner: miner(2) }], ['model', { model: 'other' }], ['task', { task: { ...task, taskId: '3' } }]])('refuses another %s than that of the result', async (what, change) => {
    await expect(completeOrigin(node('result'), checkOrigin({ ...origin, ...change })))
      .rejects.toMatchObject({ name: 'InvalidArgumentError', details: { argument: `origin.${what}`, result: root('result').toString() } })
    expect(open).toBe(0)
  })

  it('takes the digest of a model for its name', async () => {
    expect(await completeOrigin(node('result'), checkOrigin({ ...origin, model: '0xdd', task }))).toMatchObject({ model: 'm' })
  })
})
