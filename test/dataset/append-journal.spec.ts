import { describe, expect, it } from 'vitest'
import { AppendJournal } from '../../src/dataset/append-journal.ts'
import { appendResultsMax } from '../../src/limits.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { auditFiles, paths } from '../audit/memory-files.ts'
import { miner } from '../audit/fixtures.ts'
import type { KeptOrigin } from '../../src/dataset/row-origin.ts'
import type { AppendColumn } from '../../src/interface/append.ts'
import type { DurableFiles } from '../../src/interface/store.ts'

const columns: AppendColumn[] = [{ name: 'n', type: 'sc:Float' }]
const origin = (n: number): KeptOrigin => ({ result: `result ${n}`, miner: miner(1) })

async function disk (): Promise<DurableFiles> {
  const fileSystem = new MemoryFileSystem()
  await fileSystem.makeDirectory(paths.temp)
  return auditFiles(fileSystem)
}

const open = async (files: DurableFiles, rowGroupRows = 4): Promise<AppendJournal> => await AppendJournal.open({ files, directory: 'qa', columns, rowGroupRows })

/** Every row that is kept, in its order. */
async function rowsOf (journal: AppendJournal): Promise<unknown[]> {
  await journal.seal()
  const rows = []
  for (const pack of journal.packs) rows.push(...await journal.readPack(pack))
  return rows.flat()
}

/** Files of which only so many calls go well; each later one is cut off before it, or after its work. */
function cutAfter (files: DurableFiles, calls: number, isDone: boolean): DurableFiles {
  let left = calls
  const cut = <A extends unknown[], T>(call: (...given: A) => Promise<T>) => async (...given: A): Promise<T> => {
    if (left-- > 0) return await call(...given)
    if (left === -1 && isDone) await call(...given)
    throw new Error('the process is gone')
  }
  return { read: files.read.bind(files), list: files.list.bind(files), place: cut(files.place.bind(files)), remove: cut(files.remove.bind(files)) }
}

describe('AppendJournal', () => {
  it('takes rows of no more results than may wait for one version', async () => {
    const files = await disk()
    const ranges = Array.from({ length: appendResultsMax - 1 }, (_, n) => ({ ...origin(n), from: n, to: n + 1 }))
    await files.place([{ path: 'qa/p0-0.rows', bytes: Buffer.of() }, { path: 'qa/p0-0.json', bytes: Buffer.from(JSON.stringify(ranges)) }])
    const journal = await open(files)
    await journal.add(origin(appendResultsMax), [[1]])
    await expect(journal.add(origin(appendResultsMax + 1), [[1]])).rejects.toMatchObject({ name: 'LimitExceededError', details: { limit: 'appendResultsMax' } })
    expect(journal.rows).toBe(appendResultsMax)
  })

  it('keeps rows over a restart, and rolls them into row groups', async () => {
    const files = await disk()
    const journal = await open(files)
    for (let n = 0; n < 6; n++) await journal.add(origin(n), [[n], [n + 0.5]])
    expect([journal.rows, journal.packs.map(({ from, to }) => [from, to])]).toEqual([12, [[0, 1], [2, 3], [4, 5]]])
    expect(journal.packs[1]?.ranges).toEqual([{ ...origin(2), from: 0, to: 2 }, { ...origin(3), from: 2, to: 4 }])
    await journal.add(origin(6), [[6]])
    const again = await open(files)
    expect([again.rows, again.has('result 6'), again.has('result 7')]).toEqual([13, true, false])
    expect(await rowsOf(again)).toEqual([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6])
    expect((await files.list('qa')).filter(name => name.startsWith('s0'))).toEqual([])
  })

  it('removes what was committed, and goes on', async () => {
    const files = await disk()
    const journal = await open(files)
    await journal.add(origin(0), [[0]])
    await journal.seal()
    await journal.beginCommit({ version: '1.0.0' })
    await journal.add(origin(1), [[1]])
    await journal.endCommit()
    for (const one of [journal, await open(files)]) {
      expect([one.rows, one.state.part, one.state.committing, one.has('result 0'), one.has('result 1')]).toEqual([1, 2, undefined, false, true])
    }
    expect(await rowsOf(await open(files))).toEqual([1])
  })

  it('remembers a commit that was cut off, and forgets one that was given up', async () => {
    const files = await disk()
    const journal = await open(files)
    await journal.add(origin(0), [[0]])
    await journal.seal()
    await journal.beginCommit({ version: '1.0.0', previous: 'before' })
    expect((await open(files)).state.committing).toEqual({ version: '1.0.0', previous: 'before', to: 1 })
    await journal.abandonCommit()
    expect((await open(files)).state.committing).toBeUndefined()
  })

  it.each([false, true])('loses no row that was acknowledged, and doubles none, wherever it is cut off (after the work: %o)', async isDone => {
    for (let calls = 0; calls < 40; calls++) {
      const files = await disk()
      const acknowledged: number[] = []
      const work = async (): Promise<void> => {
        const journal = await open(cutAfter(files, calls, isDone), 3)
        for (let n = 0; n < 9; n++) {
          await journal.add(origin(n), [[n]])
          acknowledged.push(n)
        }
      }
      await work().catch(() => {})
      const rows = await rowsOf(await open(files, 3))
      expect(rows).toEqual(Array.from({ length: rows.length }, (_, n) => n))
      expect(rows.length, `cut at call ${calls}`).toBeGreaterThanOrEqual(acknowledged.length)
      expect(rows.length).toBeLessThanOrEqual(acknowledged.length + 1)
    }
  })

  it('reads each row once where making a row group was refused halfway', async () => {
    const files = await disk()
    let isRefusing = true
    const refusing: DurableFiles = {
      ...cutAfter(files, Infinity, false),
      place: async placed => {
        await files.place(placed)
        if (isRefusing && placed.length === 2) throw new Error('refused after its work')
      }
    }
    const journal = await open(refusing, 2)
    for (let n = 0; n < 3; n++) await journal.add(origin(n), [[n]])
    isRefusing = false
    await journal.add(origin(3), [[3]])
    expect(await rowsOf(await open(files))).toEqual([0, 1, 2, 3])
  })

  it('refuses other columns while rows wait, and takes them when none do', async () => {
    const files = await disk()
    const other = { files, directory: 'qa', columns: [{ name: 'm', type: 'sc:Text' as const }], rowGroupRows: 4 }
    const journal = await open(files)
    await AppendJournal.open(other)
    await expect(open(files)).resolves.toBeDefined()
    await journal.add(origin(0), [[0]])
    await expect(AppendJournal.open(other)).rejects.toMatchObject({ name: 'InvalidArgumentError', details: { columns } })
  })

  it('refuses more than one call may append, and names what is damaged', async () => {
    const files = await disk()
    const journal = await open(files)
    await expect(journal.add(origin(0), [['x'.repeat(17 * 1024 * 1024)]])).rejects.toMatchObject({ name: 'LimitExceededError', details: { limit: 'appendBytesMax' } })
    await files.place([{ path: 'qa/s0.json', bytes: new Uint8Array(3) }])
    await expect(open(files)).rejects.toMatchObject({ name: 'StorageError', details: { path: 'qa/s0.json' } })
  })
})
