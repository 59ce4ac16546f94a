import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, InvalidDagError, LimitExceededError } from '../../src/errors.ts'
import { linksOf, rawCodec } from '../../src/format/dag-links.ts'
import { comparePositions, isAbove } from '../../src/format/dag-position.ts'
import { DagWalk } from '../../src/format/dag-walk.ts'
import { fromHex } from '../../src/format/hex.ts'
import { dagDepthMax } from '../../src/limits.ts'
import { dags } from './arbitraries.ts'
import { branch, cidOfBytes, dagOf, leaf } from './dags.ts'
import { readVectors } from './vectors.ts'
import type { CID } from 'multiformats/cid'
import type { DagInterval, DagStep } from '../../src/format/dag-walk.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import type { DagPosition } from '../../src/interface/transfer.ts'
import type { Block, Dag } from './dags.ts'

interface Sent { cid: string, position: DagPosition }

/** Every position of the unfolded DAG, in depth-first order. Only for small ones. */
function unfold (dag: Dag): { cid: CID, position: DagPosition }[] {
  const bytes = new Map(dag.blocks.map(block => [block.cid.toString(), block.bytes]))
  const below = (cid: CID, position: DagPosition): { cid: CID, position: DagPosition }[] => [
    { cid, position },
    ...linksOf(cid, bytes.get(cid.toString()) ?? new Uint8Array()).flatMap((link, index) => below(link, [...position, index]))
  ]
  return below(dag.root, [])
}

/** The normative text, word by word and without any economy. */
function sentBySpecification (dag: Dag, { mode = 'all', from = [], to, since = [] }: DagInterval): Sent[] {
  const start = mode === 'block' ? from : since
  const end = mode === 'block' ? [...from, 0] : to
  const met = new Set<string>()
  return unfold(dag).flatMap(({ cid, position }) => {
    if (comparePositions(position, start) < 0 || (end !== undefined && comparePositions(position, end) >= 0)) return []
    if (met.has(cid.toString())) return []
    met.add(cid.toString())
    const included = mode === 'inner' ? cid.code !== rawCodec : mode !== 'leaves' || cid.code === rawCodec
    return included && comparePositions(position, from) >= 0 ? [{ cid: cid.toString(), position }] : []
  })
}

/** What the walk says, given only the blocks that it needs. */
function sentByWalk (dag: Dag, interval: DagInterval): { sent: Sent[], read: Sent[] } {
  const bytes = new Map(dag.blocks.map(block => [block.cid.toString(), block.bytes]))
  const walk = new DagWalk(dag.root, interval)
  const sent: Sent[] = []
  const read: Sent[] = []
  for (let step = walk.next(); step !== undefined; step = walk.next()) {
    const { cid, position, wanted } = step
    ;(wanted ? sent : read).push({ cid: cid.toString(), position })
    if (cid.code !== rawCodec) walk.supply(bytes.get(cid.toString()) ?? new Uint8Array())
  }
  return { sent, read }
}

function bytesIn (dag: Dag, cid: CID): Uint8Array {
  return dag.blocks.find(block => block.cid.equals(cid))?.bytes ?? new Uint8Array()
}

/** Goes on to the end. */
function stepsOf (dag: Dag, walk: DagWalk): DagStep[] {
  const steps: DagStep[] = []
  for (let step = walk.next(); step !== undefined; step = walk.next()) {
    steps.push(step)
    walk.supply(bytesIn(dag, step.cid))
  }
  return steps
}

function sameStep (a: DagStep, b: DagStep | undefined): boolean {
  return b !== undefined && comparePositions(a.position, b.position) === 0
}

const positions = fc.array(fc.nat(4), { maxLength: 5 })
const modes = fc.constantFrom('all' as const, 'inner' as const, 'leaves' as const, 'block' as const)

/** Intervals that are in order, whether their borders exist or not. */
const intervals = fc.record({ mode: modes, borders: fc.uniqueArray(positions, { minLength: 3, maxLength: 3, selector: String }), open: fc.boolean(),
  whole: fc.boolean() }).map(({ mode, borders, open, whole }): DagInterval => {
  const [since, from, to] = borders.toSorted(comparePositions)
  return { mode, since: whole ? from : since, from, to: open ? undefined : to }
})

interface WalkVectors {
  dag: { root: string, blocks: { codec: number, bytes: Hex, cid: string }[] }
  walks: { name: string, interval: DagInterval, sent: Sent[] }[]
}

function blockOf (codec: number, bytes: Uint8Array): Block {
  return { cid: cidOfBytes(codec, bytes), bytes }
}

describe('DagWalk', () => {
  it('sends what the specification says, for any DAG, interval and mode', () => {
    fc.assert(fc.property(dags, intervals, (dag, interval) => {
      expect(sentByWalk(dag, interval).sent).toEqual(sentBySpecification(dag, interval))
    }), { numRuns: 1000 })
  })

  it('sends every block of a DAG once', () => {
    fc.assert(fc.property(dags, (dag) => {
      const sent = sentByWalk(dag, {}).sent.map(({ cid }) => cid)
      expect(sent.toSorted()).toEqual(dag.blocks.map(({ cid }) => cid.toString()).toSorted())
    }))
  })

  it('cuts a DAG into adjacent intervals of one start without sending a block twice or leaving one out', () => {
    fc.assert(fc.property(dags, fc.uniqueArray(positions, { maxLength: 4, selector: String }), modes, (dag, cuts, mode) => {
      fc.pre(mode !== 'block')
      const borders = cuts.filter(cut => cut.length > 0).toSorted(comparePositions)
      const starts: DagPosition[] = [[], ...borders]
      const parts = starts.flatMap((from, index) => sentByWalk(dag, { mode, from, to: borders[index], since: [] }).sent)
      expect(parts).toEqual(sentByWalk(dag, { mode }).sent)
    }))
  })

  it('goes on from the first missing block as if nothing had happened', () => {
    fc.assert(fc.property(dags, fc.nat(), (dag, lost) => {
      const all = sentByWalk(dag, {}).sent
      const at = lost % all.length
      expect(sentByWalk(dag, { from: all[at]?.position, since: [] }).sent).toEqual(all.slice(at))
    }))
  })

  it('gives an interval that counts from itself complete, whatever came before', () => {
    fc.assert(fc.property(dags, positions, positions, (dag, a, b) => {
      fc.pre(comparePositions(a, b) !== 0)
      const [from, to] = [a, b].toSorted(comparePositions)
      const wanted = unfold(dag).filter(({ position }) => comparePositions(position, from ?? []) >= 0 && comparePositions(position, to ?? []) < 0)
      const sent = sentByWalk(dag, { from, to, since: from }).sent.map(({ cid }) => cid)
      expect(sent.toSorted()).toEqual([...new Set(wanted.map(({ cid }) => cid.toString()))].toSorted())
    }))
  })

  it('needs only the blocks above an interval that counts from itself', () => {
    fc.assert(fc.property(dags, positions, (dag, from) => {
      for (const { position } of sentByWalk(dag, { from, since: from }).read) expect(isAbove(position, from)).toBe(true)
    }))
  })

  it('parts the blocks into inner ones and leaves', () => {
    fc.assert(fc.property(dags, (dag) => {
      const inner = sentByWalk(dag, { mode: 'inner' }).sent
      const leaves = sentByWalk(dag, { mode: 'leaves' }).sent
      expect([...inner, ...leaves].toSorted((a, b) => comparePositions(a.position, b.position))).toEqual(sentByWalk(dag, {}).sent)
    }))
  })

  it('treats both versions of a CID as the same block', () => {
    const shared = branch([leaf('x')])
    const root = branch([{ cid: shared.cid.toV0() }, { cid: shared.cid }])
    const { sent } = sentByWalk({ root: root.cid, blocks: [root, { ...shared, cid: shared.cid.toV0() }, leaf('x')], bytes: 0 }, {})
    expect(sent.map(({ position }) => position)).toEqual([[], [0], [0, 0]])
  })

  it('passes through a DAG of 2^60 positions in 61 steps', () => {
    const blocks = [leaf('end')]
    for (let depth = 0; depth < 60; depth++) {
      const last = blocks.at(-1) ?? leaf('')
      blocks.push(branch([last, last], String(depth)))
    }
    const dag = dagOf(blocks.at(-1) ?? leaf(''), blocks)
    expect(sentByWalk(dag, {}).sent).toHaveLength(61)
    expect(sentByWalk(dag, { from: [1], since: [] }).sent).toHaveLength(0)
    expect(sentByWalk(dag, { from: [1], since: [1] }).sent).toHaveLength(60)
  })

  it('takes a leaf as deep as allowed and refuses one below it', () => {
    const chain = (depth: number): Dag => {
      const blocks = [leaf('end')]
      for (let at = 0; at < depth; at++) blocks.push(branch(blocks.slice(-1), String(at)))
      return dagOf(blocks.at(-1) ?? leaf(''), blocks)
    }
    expect(sentByWalk(chain(dagDepthMax), {}).sent).toHaveLength(dagDepthMax + 1)
    expect(() => sentByWalk(chain(dagDepthMax + 1), {})).toThrow(LimitExceededError)
  })

  it('meets as many blocks as allowed and refuses one more', () => {
    const root = branch(['a', 'b', 'c'].map(leaf))
    const count = (blocksMax: number): number => {
      const walk = new DagWalk(root.cid, { blocksMax })
      let steps = 0
      for (let step = walk.next(); step !== undefined; step = walk.next()) {
        steps++
        walk.supply(root.bytes)
      }
      return steps
    }
    expect(count(4)).toBe(4)
    expect(() => count(3)).toThrow(LimitExceededError)
  })

  it('goes on as a fork of it does, by the mode and to the end of the fork', () => {
    fc.assert(fc.property(dags, fc.nat(), fc.constantFrom('all' as const, 'inner' as const), fc.option(positions, { nil: undefined }), (dag, at, mode, to) => {
      const all = stepsOf(dag, new DagWalk(dag.root))
      const stop = all[at % all.length]
      const walk = new DagWalk(dag.root)
      for (let step = walk.next(); step !== undefined && !sameStep(step, stop); step = walk.next()) walk.supply(bytesIn(dag, step.cid))
      const end = to === undefined || comparePositions(to, stop?.position ?? []) <= 0 ? undefined : to
      const fork = walk.fork({ mode, to: end })
      fork.supply(bytesIn(dag, stop?.cid ?? dag.root))
      const forked = stepsOf(dag, fork)
      walk.supply(bytesIn(dag, stop?.cid ?? dag.root))
      const own = stepsOf(dag, walk).filter(({ cid, position }) =>
        (mode === 'all' || cid.code !== rawCodec) && (end === undefined || comparePositions(position, end) < 0))
      expect(forked.map(({ position }) => position)).toEqual(own.map(({ position }) => position))
    }))
  })

  it('says what is likely to come next, up to the end of the interval', () => {
    const leaves = ['a', 'b', 'c', 'd'].map(leaf)
    const root = branch([branch(leaves.slice(0, 3)), ...leaves])
    const walk = new DagWalk(root.cid, { to: [3] })
    walk.next()
    walk.supply(root.bytes)
    walk.next()
    walk.supply(branch(leaves.slice(0, 3)).bytes)
    walk.next()
    const names = (count: number): string[] => walk.ahead(count).map(cid => cid.toString())
    const expected = [1, 2, 1].map(index => leaves[index]?.cid.toString())
    expect(names(10)).toEqual(expected)
    expect(names(2)).toEqual(expected.slice(0, 2))
    expect([...walk.upcoming()].map(({ position }) => position)).toEqual([[0, 1], [0, 2], [2]])
  })

  it('ends before a position that it is told on its way', () => {
    const leaves = ['a', 'b', 'c', 'd'].map(name => leaf(name))
    const root = branch(leaves)
    const walk = new DagWalk(root.cid)
    walk.next()
    walk.supply(root.bytes)
    expect(walk.next()?.position).toEqual([0])
    walk.endAt([2])
    expect([...walk.upcoming()].map(({ position }) => position)).toEqual([[1]])
    expect([walk.next()?.position, walk.next()]).toEqual([[1], undefined])
  })

  it('refuses to go on without the links of a block', () => {
    const walk = new DagWalk(branch([]).cid)
    walk.next()
    expect(() => walk.next()).toThrow(InvalidArgumentError)
  })

  it('refuses a block that is not what its CID says', () => {
    const walk = new DagWalk(branch([leaf('a')]).cid)
    walk.next()
    expect(() => { walk.supply(new Uint8Array([1, 2, 3])) }).toThrow(InvalidDagError)
  })

  it.each([
    [{ from: [1], to: [1] }], [{ from: [2], to: [1] }], [{ from: [1], since: [1, 0] }], [{ from: [0], since: [1] }]
  ])('refuses the interval %j, which is not in order', (interval) => {
    expect(() => new DagWalk(branch([]).cid, interval)).toThrow(InvalidArgumentError)
  })

  it('agrees with the test vectors', () => {
    const { dag, walks } = readVectors('dag-walk') as WalkVectors
    const blocks = dag.blocks.map(({ codec, bytes }) => blockOf(codec, fromHex(bytes)))
    expect(blocks.map(({ cid }) => cid.toString())).toEqual(dag.blocks.map(({ cid }) => cid))
    const root = blocks.at(-1) ?? leaf('')
    expect(root.cid.toString()).toBe(dag.root)
    for (const { name, interval, sent } of walks) {
      expect({ name, sent: sentByWalk(dagOf(root, blocks), interval).sent }).toEqual({ name, sent })
      expect(sentBySpecification(dagOf(root, blocks), interval)).toEqual(sent)
    }
  })
})

it('passes over what a walk beside it has met', () => {
  fc.assert(fc.property(dags, dags, (before, after) => {
    const walk = (dag: Dag, beside?: DagWalk): { walk: DagWalk, sent: string[] } => {
      const own = new DagWalk(dag.root, { beside })
      const sent: string[] = []
      for (let step = own.next(); step !== undefined; step = own.next()) {
        sent.push(step.cid.toString())
        if (step.cid.code !== rawCodec) own.supply(bytesIn(dag, step.cid))
      }
      return { walk: own, sent }
    }
    const first = walk(before)
    const known = new Set(first.sent)
    expect(walk(after, first.walk).sent).toEqual(walk(after).sent.filter(cid => !known.has(cid)))
  }))
})
