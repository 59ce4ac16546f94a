import { expect, onTestFinished, test } from 'vitest'
import { StaleTrailError, StorageError } from '../../src/errors.ts'
import { trailWaitingMax } from '../../src/limits.ts'
import { statementDigest } from '../../src/format/eip712.ts'
import { createStatementTrail, StatementTrail } from '../../src/audit/statement-trail.ts'
import { identityOf } from '../network/support.ts'
import { FakeStore } from '../bundle/fake-store.ts'
import { memoryFiles } from './memory-files.ts'
import { all, openOn, statementOf } from './trails.ts'
import type { Statement } from '../../src/interface/statement.ts'
import type { DurableFiles } from '../../src/interface/store.ts'
import type { StatementTrailInit } from '../../src/audit/statement-trail.ts'
import type { Trail } from '../../src/audit/trail.ts'

/** A bundle that is kept until it is disposed of. */
interface Kept extends Disposable {
  released: Promise<void>
  isReleased: boolean
}

function keptBundle (): Kept {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const kept: Kept = {
    released: promise,
    isReleased: false,
    [Symbol.dispose]: () => {
      kept.isReleased = true
      resolve(undefined)
    }
  }
  return kept
}

/** The way into a trail on these files, as a process finds it that has these statements stored. */
async function startOn (files: DurableFiles, stored: readonly Statement[] = [], lines: string[] = []): Promise<StatementTrail> {
  const trail = new StatementTrail({ files, open: async () => await openOn(files), stored: () => stored, log: line => lines.push(line) })
  onTestFinished(() => trail.stop())
  await trail.start()
  return trail
}

async function publish (log: StatementTrail, n: number): Promise<Kept> {
  const kept = keptBundle()
  const statement = await statementOf(n)
  ;(await log.expect()).stored(statement, kept)
  return kept
}

async function digestsIn (files: DurableFiles): Promise<Uint8Array[]> {
  return await all((await openOn(files)).entries())
}

async function digestsOf (...numbers: number[]): Promise<Uint8Array[]> {
  return (await Promise.all(numbers.map(n => statementOf(n)))).map(statementDigest)
}

test('appends a statement by itself, and keeps its bundle until then', async () => {
  const files = memoryFiles()
  const log = await startOn(files)
  const kept = await publish(log, 1)
  expect(kept.isReleased).toBe(false)
  await kept.released
  expect(await digestsIn(files)).toEqual(await digestsOf(1))
})

test('appends what waits together, in the order in which it was stored, when somebody asks', async () => {
  const files = memoryFiles()
  const log = await startOn(files)
  const kept = [await publish(log, 2), await publish(log, 1), await publish(log, 3)]
  const trail = await log.flush()
  expect(await all(trail.entries())).toEqual(await digestsOf(2, 1, 3))
  expect(kept.every(({ isReleased }) => isReleased)).toBe(true)
  expect(await log.flush()).toBe(trail)
})

test('reads and writes nothing but a list of names before there is a statement', async () => {
  const files = memoryFiles()
  const log = await startOn(files)
  await log.settle()
  await log.stop()
  expect(await files.list('')).toEqual([])
})

test('leaves a mark before a statement is stored, and takes it away when nothing is left to append', async () => {
  const files = memoryFiles()
  const log = await startOn(files)
  const expected = await log.expect()
  expect(await files.list('')).toEqual(['behind'])
  expected.stored(await statementOf(1), keptBundle())
  await log.stop()
  expect((await files.list('')).sort()).toEqual(['checkpoint', 'key', 'tile'])
  expect(await digestsIn(files)).toEqual(await digestsOf(1))
})

test('leaves the mark when it does not know what became of a statement', async () => {
  const files = memoryFiles()
  const log = await startOn(files)
  await log.expect()
  ;(await log.expect()).dropped()
  await log.stop()
  expect(await files.list('')).toContain('behind')
})

test('appends what an earlier process left, each once, and takes the mark away', async () => {
  const files = memoryFiles()
  const killed = await startOn(files)
  await publish(killed, 1)
  await killed.flush()
  await publish(killed, 2)
  const log = await startOn(files, await Promise.all([1, 2, 3].map(n => statementOf(n))))
  await publish(log, 4)
  expect(await all((await log.flush()).entries())).toEqual(await digestsOf(1, 2, 3, 4))
  await log.stop()
  expect(await files.list('')).not.toContain('behind')
})

test('appends the statements of a repository that has no trail yet', async () => {
  const files = memoryFiles()
  const log = await startOn(files, [await statementOf(5)])
  expect(await all((await log.flush()).entries())).toEqual(await digestsOf(5))
})

test('begins a trail for them again when the process dies after its first checkpoint', async () => {
  const files = memoryFiles()
  const place: DurableFiles['place'] = async given => {
    if (given.some(({ path }) => path.startsWith('tile'))) throw new StorageError('EIO')
    await files.place(given)
  }
  const refusing: DurableFiles = { list: files.list.bind(files), read: files.read.bind(files), remove: files.remove.bind(files), place }
  const stored = [await statementOf(5)]
  await expect((await startOn(refusing, stored)).flush()).rejects.toThrow(StorageError)
  expect(await files.list('')).toContain('checkpoint')
  expect(await all((await (await startOn(files, stored)).flush()).entries())).toEqual(await digestsOf(5))
})

test('looks at no stored statement when the process before ended in order', async () => {
  const files = memoryFiles()
  const first = await startOn(files)
  await publish(first, 1)
  await first.stop()
  const stored = (): never => { throw new Error('not asked for') }
  const log = new StatementTrail({ files, open: async () => await openOn(files), stored, log: () => {} })
  await log.start()
  expect((await log.flush()).size).toBe(1)
})

test('keeps statements and bundles when the drive refuses, says so, and appends them later', async () => {
  const files = memoryFiles()
  let refuses = false
  const refusing: DurableFiles = {
    list: files.list.bind(files),
    read: files.read.bind(files),
    remove: files.remove.bind(files),
    place: async given => {
      if (refuses) throw new StorageError('EIO')
      await files.place(given)
    }
  }
  const lines: string[] = []
  const log = await startOn(refusing, [], lines)
  const kept = await publish(log, 1)
  refuses = true
  await expect(log.flush()).rejects.toThrow(StorageError)
  await log.settle()
  expect(lines).toEqual(['1 statements are not in the audit trail yet: StorageError: EIO'])
  expect(kept.isReleased).toBe(false)
  refuses = false
  expect((await log.flush()).size).toBe(1)
  expect(kept.isReleased).toBe(true)
  refuses = true
  await publish(log, 2)
  await log.stop()
  expect(await files.list('')).toContain('behind')
})

test('announces nothing when its mark cannot be written, and does when it can', async () => {
  const files = memoryFiles()
  let refuses = true
  const place: DurableFiles['place'] = async given => {
    if (refuses) throw new StorageError('EIO')
    await files.place(given)
  }
  const refusing: DurableFiles = { list: files.list.bind(files), read: files.read.bind(files), remove: files.remove.bind(files), place }
  const log = await startOn(refusing)
  await expect(log.expect()).rejects.toThrow(StorageError)
  refuses = false
  await publish(log, 1)
  expect((await log.flush()).size).toBe(1)
})

test(`lets no more than ${trailWaitingMax} statements wait`, async () => {
  const log = await startOn(memoryFiles())
  const statement = await statementOf(1)
  const kept = keptBundle()
  for (let n = 0; n < trailWaitingMax; n++) (await log.expect()).stored(statement, n === 0 ? kept : keptBundle())
  expect(kept.isReleased).toBe(false)
  await log.expect()
  expect(kept.isReleased).toBe(true)
})

test('is that of the repository and the node', async () => {
  const store = new FakeStore()
  const identity = identityOf(1)
  const log = createStatementTrail({ store, identity, clock: Date.now, log: () => {} })
  await log.start()
  expect((await log.flush()).checkpoint.text).toContain(`cortensor-datanode/${identity.address}/${store.repositoryId}\n0\n`)
})

/** A guard that refuses, or that is asked to decide and does not for now. */
function guardThat (decides: 'refuses' | 'waits'): NonNullable<StatementTrailInit['guard']> & { decide: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const refusal = decides === 'refuses' ? new StaleTrailError('behind') : undefined
  return {
    refusal,
    asksOthers: decides === 'waits',
    pass: async () => {
      if (refusal !== undefined) throw refusal
      await promise
    },
    decide: () => { resolve(undefined) }
  }
}

async function startGuarded (files: DurableFiles, guard: NonNullable<StatementTrailInit['guard']>, told: number[] = []): Promise<StatementTrail> {
  const open = async (): Promise<Trail> => await openOn(files)
  const trail = new StatementTrail({ files, open, stored: () => [], guard, onAppended: ({ size }) => { told.push(size) }, log: () => {} })
  onTestFinished(() => trail.stop())
  await trail.start()
  return trail
}

test('appends nothing before the guard lets it pass, and keeps nobody waiting who publishes', async () => {
  const files = memoryFiles()
  const guard = guardThat('waits')
  const told: number[] = []
  const log = await startGuarded(files, guard, told)
  const kept = await publish(log, 1)
  await log.settleAtOnce()
  expect(kept.isReleased).toBe(false)
  expect(await digestsIn(files)).toEqual([])
  guard.decide()
  await log.settle()
  expect(kept.isReleased).toBe(true)
  expect(told).toEqual([1])
})

test('leaves statements to a later process when the guard refuses, however many there are, and takes more', async () => {
  const files = memoryFiles()
  const log = await startGuarded(files, guardThat('refuses'))
  const statements = await Promise.all([1, 2].map(n => statementOf(n)))
  const first = await publish(log, 1)
  await expect(log.flush()).rejects.toThrow(StaleTrailError)
  expect(log.failure).toBeInstanceOf(StaleTrailError)
  const kept = keptBundle()
  for (let n = 0; n < trailWaitingMax; n++) (await log.expect()).stored(statements[1]!, kept)
  expect([first.isReleased, kept.isReleased]).toEqual([false, true])
  await log.stop()
  expect(await files.list('')).toContain('behind')
  expect(await digestsIn(files)).toEqual([])
  const later = await startOn(files, statements)
  expect(await all((await later.flush()).entries())).toEqual(await digestsOf(1, 2))
})
