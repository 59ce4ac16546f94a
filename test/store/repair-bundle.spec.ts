import { MemoryDatastore } from 'datastore-core'
import { CID } from 'multiformats/cid'
import { describe, expect, test } from 'vitest'
import { CorruptBlockError, NotStoredError } from '../../src/errors.ts'
import { linksOf, rawCodec } from '../../src/format/dag-links.ts'
import type { Store } from '../../src/interface/store.ts'
import { smallBundleBytesMax } from '../../src/limits.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { NodeFileSystem } from '../../src/store/node-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { openStore } from '../../src/store/store.ts'
import { address } from './dags.ts'
import type { Block, Dag } from './dags.ts'
import { commit, temporaryDirectory } from './fixtures.ts'
import { deepDag, hurt, injuries, UnreadableFileSystem } from './hurt.ts'
import type { Injury } from './hurt.ts'

/** The larger is just too large for a CAR. */
const dags = { 'small bundle': deepDag('small', 100), 'large bundle': deepDag('large', Math.ceil(smallBundleBytesMax / 6)) }
/** In a CAR, where in the file something happened makes a difference to these alone. */
const placed: readonly Injury[] = ['truncated', 'flipped']

describe.each(Object.entries(dags))('of a %s', (_, dag) => {
  describe.each(injuries)('when a file is %s', injury => {
    test.each(positionsOf(dag, injury))('gives every block but the damaged ones, and is repaired when it is published again: %d', async position => {
      const repository = await makeRepository()
      const store = await repository.open()
      await commit(store, dag, { holds: [{ owner: 'host' }] })
      const damaged = await hurt(repository.fileSystem, repository.home, dag, position, injury)
      if (position % 2 === 0) await expectDamage(store, dag, damaged, repository.home)
      await expectReport(store, dag, damaged)
      await expectDamage(store, dag, damaged, repository.home)
      expect(repository.lines).toHaveLength(damaged.length)
      await commit(store, dag, { holds: [{ owner: 'host' }] })
      await expectWhole(repository, store, dag)
      const again = await repository.reopen(store, position % 2 === 0)
      await expectWhole(repository, again, dag)
      await again.close()
    })

    test.each([true, false])('finds it again after a restart (with its index: %s), and is repaired', async keepIndex => {
      for (const position of [0, 1, dag.blocks.length - 1]) {
        const repository = await makeRepository()
        const first = await repository.open()
        await commit(first, dag, { holds: [{ owner: 'host' }] })
        const damaged = await hurt(repository.fileSystem, repository.home, dag, position, injury)
        if (position % 2 === 0) await first.verify(undefined)
        const store = await repository.reopen(first, keepIndex)
        const isListed = store.record(dag.root) !== undefined
        expect(isListed).toBe(!(dag === dags['small bundle'] && injury === 'deleted'))
        for (const { cid, bytes } of dag.blocks) {
          const read = await store.get(cid).catch((error: unknown) => error)
          if (read instanceof Uint8Array) expect(Buffer.from(bytes).equals(read)).toBe(true)
          else expect(read instanceof CorruptBlockError || read instanceof NotStoredError).toBe(true)
          const isBelow = keepIndex ? false : !(read instanceof Uint8Array)
          expect(read instanceof Uint8Array).toBe(!damaged.some(block => block.cid.equals(cid)) && !isBelow)
        }
        expect(store.isDamaged(dag.root)).toBe(isListed)
        await commit(store, dag, { holds: [{ owner: 'host' }] })
        await expectWhole(repository, store, dag)
        const again = await repository.reopen(store, !keepIndex)
        await expectWhole(repository, again, dag)
        await again.close()
      }
    })
  })
})

test.each(injuries)('does the same on a disk: %s', async injury => {
  for (const dag of Object.values(dags)) {
    for (const position of [0, 2, 5]) {
      const repository = await makeRepository(await temporaryDirectory())
      const store = await repository.open()
      await commit(store, dag, { holds: [{ owner: 'host' }] })
      const damaged = await hurt(repository.fileSystem, repository.home, dag, position, injury)
      await expectReport(store, dag, damaged)
      await expectDamage(store, dag, damaged, repository.home)
      await commit(store, dag, { holds: [{ owner: 'host' }] })
      await expectWhole(repository, store, dag)
      await store.close()
    }
  }
})

function positionsOf (dag: Dag, injury: Injury): number[] {
  const positions = [...dag.blocks.keys()]
  return dag === dags['small bundle'] && !placed.includes(injury) ? positions.slice(0, 2) : positions
}

interface Repository {
  home: string
  fileSystem: UnreadableFileSystem
  lines: string[]
  open(): Promise<Store>
  reopen(store: Store, keepIndex: boolean): Promise<Store>
}

async function makeRepository (directory?: string): Promise<Repository> {
  const home = directory ?? '/'
  const fileSystem = new UnreadableFileSystem(directory === undefined ? new MemoryFileSystem() : new NodeFileSystem())
  const lines: string[] = []
  let datastore = new MemoryDatastore()
  const open = (): Promise<Store> => openStore({
    path: directory ?? ':memory:', address, fileSystem, datastore, log: line => lines.push(line)
  })
  return {
    home,
    fileSystem,
    lines,
    open,
    reopen: async (store, keepIndex) => {
      await store.close()
      if (!keepIndex) datastore = new MemoryDatastore()
      return open()
    }
  }
}

async function expectDamage (store: Store, dag: Dag, damaged: readonly Block[], home: string): Promise<void> {
  for (const { cid, bytes } of dag.blocks) {
    if (damaged.some(block => block.cid.equals(cid))) {
      const error: unknown = await store.get(cid).catch((error: unknown) => error)
      expect(error).toBeInstanceOf(CorruptBlockError)
      expect(error).toMatchObject({ details: { roots: [dag.root.toString()] } })
      expect(CID.parse(String((error as CorruptBlockError).details['cid'])).multihash).toEqual(cid.multihash)
      expect((error as CorruptBlockError).details['path']).toContain(home)
      expect(await store.has(cid)).toBe(false)
      expect(await store.publicBlocks.has(cid)).toBe(false)
      await expect(store.publicBlocks.get(cid)).rejects.toThrow(NotStoredError)
    } else {
      expect(Buffer.from(bytes).equals(await store.get(cid))).toBe(true)
      expect(await store.publicBlocks.has(cid)).toBe(true)
    }
  }
  expect(store.isDamaged(dag.root)).toBe(true)
  expect(store.usage().damagedBlocks).toBe(damaged.length)
}

async function expectReport (store: Store, dag: Dag, damaged: readonly Block[]): Promise<void> {
  const report = await store.verify(dag.root)
  expect(report).toMatchObject({ bundles: 1, blocks: dag.blocks.length })
  expect(report.damaged.map(({ cid }) => cid).sort()).toEqual(expectedNames(dag, damaged))
  for (const { bundles } of report.damaged) expect(bundles).toEqual([dag.root.toString()])
}

/** Below a damaged block only the bytes are known, and not whether they are raw. */
function expectedNames ({ root, blocks }: Dag, damaged: readonly Block[]): string[] {
  const reached = new Set<string>()
  const waiting = [root]
  for (let cid = waiting.pop(); cid !== undefined; cid = waiting.pop()) {
    reached.add(cid.toString())
    const block = blocks.find(block => block.cid.equals(cid))
    if (block !== undefined && !damaged.includes(block)) waiting.push(...linksOf(cid, block.bytes))
  }
  return damaged.map(({ cid }) => (reached.has(cid.toString()) ? cid : CID.createV1(rawCodec, cid.multihash)).toString()).sort()
}

async function expectWhole ({ fileSystem, home }: Repository, store: Store, dag: Dag): Promise<void> {
  for (const { cid, bytes } of dag.blocks) {
    expect(Buffer.from(bytes).equals(await store.get(cid))).toBe(true)
    expect(await store.publicBlocks.has(cid)).toBe(true)
  }
  expect(store.isDamaged(dag.root)).toBe(false)
  const bytes = dag.blocks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
  expect(await store.verify(undefined)).toEqual({ bundles: 1, blocks: dag.blocks.length, bytes, damaged: [] })
  expect(store.usage()).toMatchObject({ damagedBlocks: 0, held: { bytes } })
  expect(await fileSystem.list(new RepositoryPaths(home).quarantine)).toEqual([])
}
