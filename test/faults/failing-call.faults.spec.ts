import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DataNodeError } from '../../src/errors.ts'
import type { Store } from '../../src/interface/store.ts'
import { NodeFileSystem } from '../../src/store/node-file-system.ts'
import { openStore } from '../../src/store/store.ts'
import { address } from '../store/dags.ts'
import type { Dag } from '../store/dags.ts'
import { checkRepo } from './check-repo.ts'
import { fastDirectory } from './directories.ts'
import { faults, FaultyFileSystem } from './faulty-file-system.ts'
import type { Fault } from './faulty-file-system.ts'
import { cached, filledRepository, held, operations, textOf } from './operations.ts'
import type { Operation } from './operations.ts'

const callsMax = 2000

for (const operation of operations) {
  for (const fault of operation.meets ?? faults) {
    test(`survives a call that fails with ${fault} during ${operation.name}`, async () => {
      await untilUntouched(async (n, path) => failOperation(operation, fault, n, path), await filledRepository())
    })
  }
}

for (const fault of faults) {
  test(`survives a call that fails with ${fault} while a repository is made`, async () => {
    await untilUntouched(async (n, path) => failOpen(fault, n, path, []), undefined)
  })

  test(`survives a call that fails with ${fault} while a repository is opened`, async () => {
    await untilUntouched(async (n, path) => failOpen(fault, n, path, held), await filledRepository())
  })

  test(`survives a call that fails with ${fault} while an index is made again`, async () => {
    const template = await filledRepository()
    await rm(join(template, 'data'), { recursive: true })
    await untilUntouched(async (n, path) => failOpen(fault, n, path, held), template)
  })

  test(`survives a call that fails with ${fault} while a store is closed`, async () => {
    await untilUntouched(async (n, path) => failClose(fault, n, path), await filledRepository())
  })
}

/** Tries the first call, the second and so on, each on a copy of the repository, until none is refused. */
async function untilUntouched (attempt: (n: number, path: string) => Promise<boolean>, template: string | undefined): Promise<void> {
  const directory = await fastDirectory()
  let refused = true
  for (let n = 1; refused; n++) {
    expect(n).toBeLessThan(callsMax)
    const path = join(directory, String(n))
    if (template !== undefined) await cp(template, path, { recursive: true })
    refused = await attempt(n, path)
    await rm(path, { recursive: true, force: true })
  }
}

/** True when a call was refused. */
async function failOperation ({ name, stores, run, letsGo = [] }: Operation, fault: Fault, n: number, path: string): Promise<boolean> {
  const fileSystem = new FaultyFileSystem(new NodeFileSystem())
  const store = await openStore({ path, address, fileSystem })
  fileSystem.arm(fault, n)
  const outcome = await settle(run(store, {}))
  const fired = fileSystem.disarm()
  const label = `${name}, ${fault} at call ${n}: ${fired ?? 'none'}`
  if (fired === undefined) expect(outcome.resolved, label).toBe(true)
  expectTyped(outcome, fired, label)
  if (stores !== undefined) expect(store.record(stores.root) !== undefined, label).toBe(outcome.resolved)
  await expectReadable(store, label)
  // What was left is looked at as it is for one half, and after another try for the other.
  if ((n + faults.indexOf(fault)) % 2 === 0) await expectWorking(store, run, label)
  await store.close()
  const acknowledged = stores === undefined || !outcome.resolved ? held : [...held, stores]
  await checkRepo(path, {
    label,
    acknowledged: textOf(acknowledged.filter(dag => !letsGo.includes(dag))),
    possible: new Set(textOf([...held, ...cached, ...stores === undefined ? [] : [stores]]))
  })
  return fired !== undefined
}

async function failOpen (fault: Fault, n: number, path: string, dags: readonly Dag[]): Promise<boolean> {
  const fileSystem = new FaultyFileSystem(new NodeFileSystem())
  fileSystem.arm(fault, n)
  const outcome = await settle(openStore({ path, address, fileSystem }))
  const fired = fileSystem.disarm()
  const label = `open, ${fault} at call ${n}: ${fired ?? 'none'}`
  if (fired === undefined) expect(outcome.resolved, label).toBe(true)
  expectTyped(outcome, fired, label)
  if (outcome.value !== undefined) await outcome.value.close()
  await checkRepo(path, { label, acknowledged: textOf(dags) })
  return fired !== undefined
}

async function failClose (fault: Fault, n: number, path: string): Promise<boolean> {
  const fileSystem = new FaultyFileSystem(new NodeFileSystem())
  const store = await openStore({ path, address, fileSystem })
  fileSystem.arm(fault, n)
  const outcome = await settle(store.close())
  const fired = fileSystem.disarm()
  const label = `close, ${fault} at call ${n}: ${fired ?? 'none'}`
  expectTyped(outcome, fired, label)
  await checkRepo(path, { label, acknowledged: textOf(held) })
  return fired !== undefined
}

interface Outcome<T> {
  resolved: boolean
  value?: T
  error?: unknown
}

async function settle<T> (work: Promise<T>): Promise<Outcome<T>> {
  return work.then(value => ({ resolved: true, value }), (error: unknown) => ({ resolved: false, error }))
}

/** A file that the drive does not give is damaged; every other refusal is about the drive. */
function expectTyped ({ resolved, error }: Outcome<unknown>, fired: string | undefined, label: string): void {
  if (resolved) return
  expect(error, label).toBeInstanceOf(DataNodeError)
  const isRead = fired?.startsWith('readFile') === true
  expect((error as DataNodeError).name, label).toMatch(isRead ? /^(StorageError|CorruptBlockError)$/ : /^(StorageError|StorageFullError)$/)
}

async function expectReadable (store: Store, label: string): Promise<void> {
  for (const dag of held) {
    for (const { cid, bytes } of dag.blocks) expect(Buffer.from(await store.get(cid)).equals(bytes), label).toBe(true)
  }
}

/** It works when it is tried again, or says that the repository must be opened again. */
async function expectWorking (store: Store, run: Operation['run'], label: string): Promise<void> {
  const again = await settle(run(store, {}))
  if (!again.resolved) expect(String(again.error), label).toMatch(/StorageError.*open the repository again/)
}
