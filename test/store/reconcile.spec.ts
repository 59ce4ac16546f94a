import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomInt } from 'node:crypto'
import { MemoryDatastore } from 'datastore-core'
import { expect, test } from 'vitest'
import type { Store } from '../../src/interface/store.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { openStore } from '../../src/store/store.ts'
import { startChild } from './children.ts'
import type { Dag } from './dags.ts'
import { address, commit, filesBelow, largeDag, openMemory, smallDag, temporaryDirectory, totals } from './fixtures.ts'

const paths = new RepositoryPaths('/')

test('keeps what a killed process acknowledged, lists nothing by halves, and leaves no temp', async ({ signal }) => {
  const path = await temporaryDirectory()
  const acknowledged = new Map<string, { dag: Dag, embargoed: boolean | undefined }>()
  const every: Dag[] = []
  for (let round = 0; round < 6; round++) {
    signal.throwIfAborted()
    const child = await startChild(path, `${round}`, 'store')
    const lines = randomInt(1, 12)
    await child.printed(lines)
    // Somewhere inside of what comes next, wherever that is.
    for (let turns = randomInt(200); turns > 0; turns--) await new Promise(setImmediate)
    await child.kill()
    for (const line of child.lines) {
      const [word, n] = line.split(' ')
      const dag = dagOf(round, Number(n))
      if (word === 'stored') acknowledged.set(dag.root.toString(), { dag, embargoed: Number(n) % 2 === 0 ? undefined : false })
      if (word === 'changed') acknowledged.set(dag.root.toString(), { dag, embargoed: true })
    }
    for (let n = 0; n <= child.lines.length; n++) every.push(dagOf(round, n))
    await checkRepository(path, acknowledged, every, `round ${round}, killed after ${child.lines.length} lines`)
  }
}, 120_000)

test('removes what a commit left without a record', async () => {
  const { fileSystem, datastore, reopen } = await withBundle()
  const car = paths.car(smallDag('other').root.toString())
  await fileSystem.writeFile(car, [new Uint8Array(10)])
  await fileSystem.writeFile(join(paths.temp, 'half'), [new Uint8Array(10)])
  const store = await reopen(datastore)
  expect(await fileSystem.stat(car)).toBeUndefined()
  expect(await fileSystem.list(paths.temp)).toEqual([])
  expect([...store.records()]).toHaveLength(1)
})

test('does not list a bundle whose CAR is gone, with and without an index', async () => {
  for (const keepIndex of [true, false]) {
    const { dag, fileSystem, datastore, reopen } = await withBundle()
    await fileSystem.remove(paths.car(dag.root.toString()))
    const store = await reopen(keepIndex ? datastore : new MemoryDatastore())
    expect([...store.records()]).toEqual([])
    expect(totals(store)).toEqual({ bytes: 0, heldBytes: 0 })
    expect(await store.has(dag.root)).toBe(false)
    expect(await fileSystem.list(paths.bundles)).toEqual([])
  }
})

test('takes the latest of two revisions of a record and removes the other', async () => {
  const { dag, fileSystem, datastore, reopen } = await withBundle()
  const root = dag.root.toString()
  const first = new TextDecoder().decode(await fileSystem.readFile(paths.record(root, 1_700_000_000_000)))
  const revised = first.replace('"holds":[{"owner":"host"}]', '"holds":[]').replace('"revision":1700000000000', '"revision":1700000000001')
  await fileSystem.writeFile(paths.record(root, 1_700_000_000_001), [Buffer.from(revised)])
  const store = await reopen(datastore)
  expect(store.record(dag.root)?.holds).toEqual([])
  expect(totals(store).heldBytes).toBe(0)
  expect(await fileSystem.stat(paths.record(root, 1_700_000_000_000))).toBeUndefined()
})

test('removes no older revision of a record while it cannot read the newer one', async () => {
  const { dag, fileSystem, datastore, reopen } = await withBundle()
  const [older, newer] = [0, 1].map(more => paths.record(dag.root.toString(), 1_700_000_000_000 + more))
  await fileSystem.writeFile(newer ?? '', [])
  const first = await reopen(datastore)
  expect([...first.records()]).toEqual([])
  await first.close()
  expect(await fileSystem.stat(older ?? '')).toBeDefined()
  await fileSystem.remove(newer ?? '')
  const store = await reopen(datastore)
  expect([...store.records()]).toHaveLength(1)
  for (const { cid } of dag.blocks) await store.get(cid)
})

test('leaves a record that it cannot read and everything beside it where it is', async () => {
  for (const text of ['{', '{"format":"cortensor-record","version":2}', '{"format":"other"}']) {
    const { dag, fileSystem, reopen } = await withBundle()
    const record = paths.record(dag.root.toString(), 1_700_000_000_000)
    await fileSystem.remove(record)
    await fileSystem.writeFile(record, [Buffer.from(text)])
    const log: string[] = []
    const store = await reopen(new MemoryDatastore(), line => log.push(line))
    expect([...store.records()]).toEqual([])
    expect(log.join()).toContain(dag.root.toString())
    expect(await fileSystem.list(paths.bundles)).toHaveLength(2)
  }
})

test('does not take the record of one bundle for that of another', async () => {
  const { dag, fileSystem, reopen } = await withBundle()
  const other = smallDag('other').root.toString()
  const bytes = await fileSystem.readFile(paths.record(dag.root.toString(), 1_700_000_000_000)) ?? expect.fail()
  await fileSystem.writeFile(paths.record(other, 1_700_000_000_000), [bytes])
  const store = await reopen(new MemoryDatastore())
  expect([...store.records()].map(({ root }) => root.toString())).toEqual([dag.root.toString()])
})

test('leaves files alone that it did not write', async () => {
  const path = await temporaryDirectory()
  await (await openStore({ path, address })).close()
  await writeFile(join(path, 'bundles', 'notes.txt'), '')
  await writeFile(join(path, 'blocks', 'notes.txt'), '')
  await (await openStore({ path, address })).close()
  expect(await readdir(join(path, 'bundles'))).toEqual(['notes.txt'])
})

function dagOf (round: number, n: number): Dag {
  return n % 3 === 2 ? largeDag(`${round}/${n}`, 5, 250_000) : smallDag(`${round}/${n}`)
}

async function checkRepository (path: string, acknowledged: Map<string, { dag: Dag, embargoed: boolean | undefined }>, every: Dag[],
  label: string): Promise<void> {
  const store = await openStore({ path, address })
  for (const [root, { dag, embargoed }] of acknowledged) {
    const record = store.record(dag.root)
    expect(record, `${label}: ${root}`).toBeDefined()
    if (embargoed !== undefined) expect(record?.embargoed, `${label}: ${root}`).toBe(embargoed)
  }
  const listed = every.filter(({ root }) => store.record(root) !== undefined)
  expect(listed.length, label).toBe([...store.records()].length)
  for (const { blocks } of listed) {
    for (const { cid, bytes } of blocks) expect(Buffer.from(await store.get(cid)).equals(bytes), label).toBe(true)
  }
  const blocks = new Set(listed.flatMap(dag => dag.blocks.length === 6 ? dag.blocks.map(({ cid }) => cid.toString()) : []))
  expect((await filesBelow(join(path, 'blocks'))).length, label).toBe(blocks.size)
  expect(await readdir(join(path, 'temp')), label).toEqual([])
  await store.close()
}

interface Repository {
  dag: Dag
  fileSystem: MemoryFileSystem
  datastore: MemoryDatastore
  reopen: (datastore: MemoryDatastore, log?: (line: string) => void) => Promise<Store>
}

async function withBundle (): Promise<Repository> {
  const fileSystem = new MemoryFileSystem()
  const datastore = new MemoryDatastore()
  const store = await openMemory({ fileSystem, datastore })
  const dag = smallDag('one')
  await commit(store, dag)
  await store.close()
  return { dag, fileSystem, datastore, reopen: (again, log) => openMemory({ fileSystem, datastore: again, log }) }
}
