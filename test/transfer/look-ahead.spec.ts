import { describe, expect, it } from 'vitest'
import { DagWalk } from '../../src/format/dag-walk.ts'
import { lookedAheadMax } from '../../src/limits.ts'
import { LookAhead } from '../../src/transfer/look-ahead.ts'
import { branch, dagOf, flatDag, leaf } from '../format/dags.ts'
import type { CID } from 'multiformats/cid'
import type { Dag } from '../format/dags.ts'

interface Started {
  walk: DagWalk
  leaves: CID[]
  /** Blocks that were asked about. */
  asked: string[]
  answer: PromiseWithResolvers<boolean>
  ahead: LookAhead
}

/** A walk of a DAG that stands at its first leaf, and somebody who answers when he is told to. */
function startWalk (dag: Dag): Started {
  const walk = new DagWalk(dag.root)
  walk.next()
  walk.supply(dag.blocks[0]!.bytes)
  const [asked, answer]: [string[], PromiseWithResolvers<boolean>] = [[], Promise.withResolvers<boolean>()]
  const has = async (cid: CID): Promise<boolean> => {
    asked.push(cid.toString())
    return await answer.promise
  }
  return { walk, leaves: dag.blocks.slice(1).map(({ cid }) => cid), asked, answer, ahead: new LookAhead({ has }, walk) }
}

describe('LookAhead', () => {
  it('asks about many leaves before the first is answered, and about each of them once', async () => {
    const { walk, leaves, asked, answer, ahead } = startWalk(flatDag(3 * lookedAheadMax, 10))
    const first = walk.next()
    const found = ahead.has(first!.cid)
    expect(asked).toEqual(leaves.slice(0, 1 + lookedAheadMax).map(String))
    answer.resolve(true)
    expect(await found).toBe(true)
    for (let step = walk.next(); step !== undefined; step = walk.next()) expect(await ahead.has(step.cid)).toBe(true)
    expect(asked.toSorted()).toEqual(leaves.map(String).toSorted())
  })

  it('asks about nothing behind a block with links, which have to be known first', async () => {
    const below = branch([leaf('c')], 'below')
    const { walk, asked, answer, ahead } = startWalk(dagOf(branch([leaf('a'), leaf('b'), below, leaf('d')]), [leaf('a'), leaf('b'), below, leaf('c'), leaf('d')]))
    answer.resolve(false)
    expect(await ahead.has(walk.next()!.cid)).toBe(false)
    expect(asked).toEqual([leaf('a'), leaf('b')].map(({ cid }) => cid.toString()))
  })

  it('tells a failure to whoever comes to the block, and to nobody else', async () => {
    const { walk, answer, ahead } = startWalk(flatDag(3, 10))
    answer.reject(new Error('no disk'))
    await expect(ahead.has(walk.next()!.cid)).rejects.toThrow('no disk')
    await expect(ahead.has(walk.next()!.cid)).rejects.toThrow('no disk')
  })
})
