import { describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { GrowingTree } from '../../src/merkle/growing-tree.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import { readVectors } from '../format/vectors.ts'
import { numberedEntry, rootByDefinition } from './trees.ts'

const { entries, roots, numbered } = readVectors('merkle') as { entries: Hex[], roots: Hex[], numbered: { size: number, root: Hex }[] }

describe('GrowingTree', () => {
  it('has the roots of the Certificate Transparency project', () => {
    const tree = new GrowingTree()
    expect([toHex(tree.root), ...entries.map((entry) => {
      tree.append(fromHex(entry))
      return toHex(tree.root)
    })]).toEqual(roots)
  })

  it('has the roots that Go gives, up to 65,537 entries', () => {
    const tree = new GrowingTree()
    for (const { size, root } of numbered) {
      while (tree.size < size) tree.append(numberedEntry(tree.size))
      expect(toHex(tree.root)).toBe(root)
    }
  })

  it('has the root of the definition at every size up to 130', () => {
    const [tree, all] = [new GrowingTree(), Array.from({ length: 130 }, (_, index) => numberedEntry(index))]
    for (const [index, entry] of all.entries()) {
      tree.append(entry)
      expect(tree.root).toEqual(rootByDefinition(all.slice(0, index + 1)))
    }
  })

  it('gives the subtrees that an entry completes, the smallest first', () => {
    const tree = new GrowingTree()
    const complete = Array.from({ length: 8 }, (_, index) => tree.append(numberedEntry(index)).map(({ level, index }) => `${level}/${index}`))
    expect(complete).toEqual([['0/0'], ['0/1', '1/0'], ['0/2'], ['0/3', '1/1', '2/0'], ['0/4'], ['0/5', '1/2'], ['0/6'], ['0/7', '1/3', '2/1', '3/0']])
    expect(tree.append(numberedEntry(8)).at(-1)?.level).toBe(0)
    expect(tree.frontier).toHaveLength(2)
  })

  it('goes on from where it was left', () => {
    const whole = new GrowingTree()
    for (let index = 0; index < 40; index++) {
      const rest = new GrowingTree({ size: whole.size, frontier: whole.frontier })
      for (let next = index; next < 40; next++) rest.append(numberedEntry(next))
      whole.append(numberedEntry(index))
      expect(rest.root).toEqual(rootByDefinition(Array.from({ length: 40 }, (_, at) => numberedEntry(at))))
    }
  })

  it('does not change with what it gave or was given', () => {
    const given = [new Uint8Array(32)]
    const tree = new GrowingTree({ size: 1, frontier: given })
    tree.append(numberedEntry(1))
    tree.frontier.length = 0
    expect(given).toHaveLength(1)
    expect(tree.frontier).toHaveLength(1)
  })

  it.each([[-1, 0], [0, 1], [1, 0], [3, 1], [3, 3], [2 ** 53, 1]])('refuses to go on at %i entries with %i hashes', (size, count) => {
    expect(() => new GrowingTree({ size, frontier: Array.from({ length: count }, () => new Uint8Array(32)) })).toThrow(InvalidArgumentError)
  })

  it('refuses a hash that is none', () => {
    expect(() => new GrowingTree({ size: 1, frontier: [new Uint8Array(31)] })).toThrow(InvalidArgumentError)
  })
})
