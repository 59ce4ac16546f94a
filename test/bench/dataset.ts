/**
 * Datasets: one large file and many small ones published from a directory, each in a process of its own; the difference of two
 * versions with many files, found by a node that has none of them; one of twenty columns of a Parquet file, read over an RTT of
 * 50 ms, beside the whole file; and what a mirror fetches for a version in which one hundredth of a large file is another one, with
 * and without chunks that are cut by content. On disk, every write synced. `bytesFetched` counts all that came over the connection,
 * `peakOverBaseMiB` is of the whole process. Kubo is beside it where `KUBO` is its binary, as it adds a directory and gets a file.
 */
import { execFile } from 'node:child_process'
import { createCipheriv } from 'node:crypto'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { withPair } from './dataset-pair.ts'
import { readTable } from './dataset-read.ts'
import { kuboAdd } from './kubo.ts'
import { say } from './options.ts'
import { withScope } from './scope.ts'
import { rounded } from './statistics.ts'
import { timed } from './store-work.ts'
import type { FileSource } from '../../src/interface/source.ts'
import type { Published } from './dataset-publish.ts'
import type { BenchOptions } from './options.ts'

/** One line of the table. */
export interface DatasetRow {
  impl: 'datanode' | 'kubo'
  op: 'publish' | 'diff' | 'read-column' | 'read-whole' | 'update-mirror'
  work: string
  ms: number
  /** Of the content that is published. */
  mbPerSecond: number | undefined
  bytesFetched: number | undefined
  /** Of all files. */
  fileBytes: number
  peakOverBaseMiB: number | undefined
  /** How often the link turned there and back. */
  roundTrips?: number
}

/** How much is measured. */
export interface DatasetOptions extends BenchOptions {
  largeBytes?: number
  files?: number
  changes?: number
  mirrorBytes?: number
  /** Of the Parquet file of which one column is read. */
  tableBytes?: number
}

const smallBytes = 2048
const run = promisify(execFile)

export async function dataset (
  { largeBytes = 2 ** 31, files = 100_000, changes = 100, mirrorBytes = 256 * 2 ** 20, tableBytes = 5e8 }: DatasetOptions = {}
): Promise<DatasetRow[]> {
  const directory = await mkdtemp(join(tmpdir(), 'bench-dataset-'))
  try {
    return [
      ...await publish(directory, `1x${largeBytes}`, largeBytes, async path => { await writeLarge(join(path, 'large.bin'), largeBytes) }),
      ...await publish(directory, `${files}x${smallBytes}`, files * smallBytes, async path => { await writeSmall(path, files) }),
      await diff(directory, { files, changes }),
      ...await readTable(directory, tableBytes),
      await updateMirror(directory, mirrorBytes, 'fixed'),
      await updateMirror(directory, mirrorBytes, 'content-defined')
    ]
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function publish (
  directory: string, work: string, fileBytes: number, make: (path: string) => Promise<void>
): Promise<DatasetRow[]> {
  say(`publish ${work}`)
  const [home, source] = [join(directory, 'home'), join(directory, 'source')]
  await mkdir(source, { recursive: true })
  await make(source)
  const rowOf = (impl: DatasetRow['impl'], { ms, peakOverBaseMiB }: Published): DatasetRow => ({
    impl, op: 'publish', work, ms: rounded(ms), mbPerSecond: rounded(fileBytes / ms / 1000), bytesFetched: undefined, fileBytes,
    peakOverBaseMiB: rounded(peakOverBaseMiB)
  })
  const { stdout } = await run(process.execPath, ['--expose-gc', join(import.meta.dirname, 'dataset-publish.ts'), home, source])
  const rows = [rowOf('datanode', JSON.parse(stdout) as Published)]
  const binary = process.env['KUBO'] ?? ''
  if (binary !== '') rows.push(rowOf('kubo', await withScope(async scope => await kuboAdd(scope, binary, source))))
  await Promise.all([home, source].map(async path => { await rm(path, { recursive: true }) }))
  return rows
}

async function diff (directory: string, { files, changes }: { files: number, changes: number }): Promise<DatasetRow> {
  const work = `${files} files, ${changes} changes`
  say(`diff ${work}`)
  const sources = (change: (i: number) => boolean): FileSource[] => Array.from({ length: files }, (_, i) =>
    ({ name: `file-${i}.txt`, text: `${i} ${change(i) ? 'changed' : 'as it was'}` }))
  return await withPair(directory, 0, async ({ publisher, reader, bytes }) => {
    const first = await publisher.datasets.publish({ name: 'd', version: '1.0.0', files: sources(() => false) })
    const every = Math.max(1, Math.floor(files / changes))
    const second = await publisher.datasets.publish({
      name: 'd', version: '2.0.0', previous: first.cid, files: sources(i => i % every === 0 && i < changes * every)
    })
    const before = bytes()
    let found = 0
    const ms = await timed(async () => {
      const { files } = await reader.datasets.diff(first.ticket, second.ticket)
      found = files.changed.length
    })
    if (found !== changes) throw new Error(`${found} changes of ${changes} were found`)
    return row('diff', work, ms, { bytesFetched: bytes() - before, fileBytes: files * smallBytes })
  })
}

async function updateMirror (directory: string, fileBytes: number, chunking: 'fixed' | 'content-defined'): Promise<DatasetRow> {
  const work = `1 % of ${fileBytes}, ${chunking}`
  say(`update-mirror ${work}`)
  return await withPair(directory, 0, async ({ publisher, reader, bytes }) => {
    const content = randomLike(fileBytes, 1)
    const part = Math.floor(fileBytes / 100)
    // Put in where something else was taken out that is a little longer: what comes after it moves.
    const changed = Buffer.concat([content.subarray(0, fileBytes / 2), randomLike(part, 2), content.subarray(fileBytes / 2 + part + 7)])
    const first = await publisher.datasets.publish({ name: 'm', version: '1.0.0', chunking, files: [{ name: 'x.bin', bytes: content }] })
    const mirror = await reader.datasets.mirror(`${publisher.address}/m`)
    const second = await publisher.datasets.publish({
      name: 'm', version: '2.0.0', chunking, previous: first.cid, files: [{ name: 'x.bin', bytes: changed }]
    })
    const before = bytes()
    const ms = await timed(async () => { await mirror.update() })
    await mirror.stop()
    await Promise.all([first.close(), second.close()])
    return row('update-mirror', work, ms, { bytesFetched: bytes() - before, fileBytes })
  })
}

function row (op: DatasetRow['op'], work: string, ms: number, counts: { bytesFetched: number, fileBytes: number }): DatasetRow {
  return { impl: 'datanode', op, work, ms: rounded(ms), mbPerSecond: undefined, ...counts, peakOverBaseMiB: undefined }
}

function randomLike (bytes: number, seed: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(bytes))
}

async function writeLarge (path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w')
  const piece = 16 * 2 ** 20
  for (let at = 0; at < bytes; at += piece) await file.write(randomLike(Math.min(piece, bytes - at), 1 + at / piece % 250))
  await file.close()
}

async function writeSmall (path: string, count: number): Promise<void> {
  const perFolder = 1000
  for (let at = 0; at < count; at += perFolder) {
    const folder = join(path, String(at / perFolder))
    await mkdir(folder)
    const names = Array.from({ length: Math.min(perFolder, count - at) }, (_, i) => i)
    await Promise.all(names.map(async i => { await writeFile(join(folder, `${i}.bin`), randomLike(smallBytes, (at + i) % 251).fill(`${at + i}`, 0, 16)) }))
  }
}
