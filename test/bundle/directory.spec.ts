import { describe, expect, test } from 'vitest'
import { listDirectory, lookUp } from '../../src/bundle/directory.ts'
import { hashName, hashSlot } from '../../src/bundle/hamt-hash.ts'
import { DirectoryImport } from '../../src/bundle/import.ts'
import { InvalidDagError, InvalidNameError } from '../../src/errors.ts'
import { all, TestDag } from './dags.ts'
import { FakeStore } from './fake-store.ts'
import type { CID } from 'multiformats/cid'
import type { TestLink } from './dags.ts'

/** A shard with these names at the places that their hashes give them, one level only. */
function shardOf (dag: TestDag, names: string[], { fanout = 256, level = 0 } = {}): CID {
  const bits = Math.log2(fanout)
  const digits = (fanout - 1).toString(16).length
  const links = names.map((name): TestLink => ({
    name: hashSlot(hashName(name), bits, level).toString(16).toUpperCase().padStart(digits, '0') + name, cid: dag.raw(name), size: name.length
  }))
  return dag.shard(links.sort((a, b) => (a.name ?? '') < (b.name ?? '') ? -1 : 1), { fanout: BigInt(fanout) })
}

function slotOf (name: string, fanout = 256): string {
  return hashSlot(hashName(name), Math.log2(fanout), 0).toString(16).toUpperCase().padStart((fanout - 1).toString(16).length, '0')
}

async function namesIn (dag: TestDag, cid: CID): Promise<string[]> {
  return (await all(listDirectory(dag.reader, await dag.openDirectory(cid)))).map(({ name }) => name)
}

test('lists a basic directory with the position of each link', async () => {
  const dag = new TestDag()
  const cid = dag.directory([{ name: 'a', cid: dag.raw('1'), size: 1 }, { name: 'b', cid: dag.raw('2'), size: 1 }])
  const entries = await all(listDirectory(dag.reader, await dag.openDirectory(cid)))
  expect(entries.map(({ name, position }) => [name, position])).toEqual([['a', [0]], ['b', [1]]])
})

describe('reads a sharded directory that the importer wrote', () => {
  const names = Array.from({ length: 6000 }, (_, i) => `file number ${i} with a long name`)
  async function imported (): Promise<{ dag: TestDag, cid: CID }> {
    const store = new FakeStore()
    const staging = store.stage()
    const directory = new DirectoryImport(staging)
    await staging.put(link, new Uint8Array())
    await directory.add(names.map(name => ({ type: 'link', path: name, cid: link })))
    const cid = await directory.root()
    const dag = new TestDag()
    dag.get = async cid => {
      dag.reads.push(cid.toString())
      return staging.get(cid)
    }
    return { dag, cid }
  }
  const link = new TestDag().raw('')
  test('completely, with positions that lead to each link', async () => {
    const { dag, cid } = await imported()
    const entries = await all(listDirectory(dag.reader, await dag.openDirectory(cid)))
    expect(entries.map(({ name }) => name).sort()).toEqual(names.toSorted())
    expect(Math.max(...entries.map(({ position }) => position.length))).toBeGreaterThan(1)
    expect(new Set(entries.map(({ position }) => position.join())).size).toBe(names.length)
  }, 30_000)

  test('and finds a name by reading only the blocks on its way', async () => {
    const { dag, cid } = await imported()
    const directory = await dag.openDirectory(cid)
    dag.reads.length = 0
    expect(await lookUp(dag.reader, directory, names[17] ?? '')).toMatchObject({ name: names[17] })
    expect(await lookUp(dag.reader, directory, 'not there')).toBeUndefined()
    expect(dag.reads.length).toBeLessThan(8)
  }, 30_000)
})

test('finds a name in a basic directory, and nothing else', async () => {
  const dag = new TestDag()
  const directory = await dag.openDirectory(dag.directory([{ name: 'a', cid: dag.raw('1') }]))
  expect(await lookUp(dag.reader, directory, 'a')).toMatchObject({ position: [0] })
  expect(await lookUp(dag.reader, directory, 'b')).toBeUndefined()
})

describe('refuses', () => {
  test.for(['', '.', '..', 'a/b', '/abs', 'a\\b', 'nul\0', 'bidi\u202e', 'x'.repeat(256)])('the name %j', async name => {
    const dag = new TestDag()
    await expect(namesIn(dag, dag.directory([{ name, cid: dag.raw('1') }]))).rejects.toThrow(InvalidNameError)
  })

  test('a name that is there twice, when listing and when looking it up', async () => {
    const dag = new TestDag()
    const cid = dag.directory([{ name: 'a', cid: dag.raw('1') }, { name: 'a', cid: dag.raw('2') }])
    await expect(namesIn(dag, cid)).rejects.toThrow(InvalidNameError)
    await expect(lookUp(dag.reader, await dag.openDirectory(cid), 'a')).rejects.toThrow(InvalidDagError)
  })

  test('a name that is there twice in shards, because one of them is not where its hash says', async () => {
    const dag = new TestDag()
    const nested = shardOf(dag, ['a'], { level: 1 })
    const other = slotOf('a') === 'FF' ? '00' : 'FF'
    const links = [{ name: `${slotOf('a')}a`, cid: dag.raw('a'), size: 1 }, { name: other, cid: nested, size: 1 }]
    await expect(namesIn(dag, dag.shard(other === 'FF' ? links : links.toReversed(), { fanout: 256n }))).rejects.toThrow(InvalidDagError)
    await expect(namesIn(dag, dag.shard([...links.slice(0, 1), ...links.slice(0, 1)], { fanout: 256n }))).rejects.toThrow(InvalidDagError)
  })

  test('an entry of a shard at another place than its hash says', async () => {
    const dag = new TestDag()
    const wrong = (Number.parseInt(slotOf('name'), 16) ^ 1).toString(16).toUpperCase().padStart(2, '0')
    await expect(namesIn(dag, dag.shard([{ name: `${wrong}name`, cid: dag.raw('1') }]))).rejects.toThrow(/out of place/)
    expect(await namesIn(dag, dag.shard([{ name: `${slotOf('name')}name`, cid: dag.raw('1') }]))).toEqual(['name'])
  })

  test('a nested shard with another fan-out', async () => {
    const dag = new TestDag()
    const nested = shardOf(dag, ['name'], { fanout: 16, level: 1 })
    await expect(namesIn(dag, dag.shard([{ name: slotOf('name'), cid: nested }]))).rejects.toThrow(/fan-out of 16 inside one of 256/)
  })

  test('an empty nested shard', async () => {
    const dag = new TestDag()
    await expect(namesIn(dag, dag.shard([{ name: '00', cid: dag.shard([]) }]))).rejects.toThrow(/without entries/)
  })

  test.for([
    ['a raw block', (dag: TestDag) => dag.raw('x')],
    ['a directory', (dag: TestDag) => dag.directory([])],
    ['a file', (dag: TestDag) => dag.file([])]
  ] as const)('%s in the place of a nested shard', async ([, make]) => {
    const dag = new TestDag()
    await expect(namesIn(dag, dag.shard([{ name: '00', cid: make(dag) }]))).rejects.toThrow(InvalidDagError)
    const directory = await dag.openDirectory(dag.shard([{ name: slotOf('a'), cid: make(dag) }]))
    await expect(lookUp(dag.reader, directory, 'a')).rejects.toThrow(InvalidDagError)
  })

  test('a chain of shards below the last bit of a hash', async () => {
    const dag = new TestDag()
    const hash = hashName('name')
    let cid = dag.shard([{ name: '00name', cid: dag.raw('1') }])
    for (let level = 8; level >= 0; level--) {
      cid = dag.shard([{ name: hashSlot(hash, 8, Math.min(7, level)).toString(16).toUpperCase().padStart(2, '0'), cid }])
    }
    await expect(namesIn(dag, cid)).rejects.toThrow(/last bit/)
    await expect(lookUp(dag.reader, await dag.openDirectory(cid), 'name')).rejects.toThrow(/last bit/)
  })

  test('shards that repeat each other without end, after a few blocks', async () => {
    const dag = new TestDag()
    let cid = dag.shard([{ name: '00name', cid: dag.raw('1') }])
    for (let level = 0; level < 6; level++) {
      const links = Array.from({ length: 256 }, (_, slot) => ({ name: slot.toString(16).toUpperCase().padStart(2, '0'), cid }))
      cid = dag.shard(links)
    }
    await expect(namesIn(dag, cid)).rejects.toThrow(InvalidDagError)
    expect(dag.reads.length).toBeLessThan(10)
  })
})
