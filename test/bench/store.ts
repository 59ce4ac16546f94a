/**
 * Publishing, reading, holding, collecting and opening, in this library with both durabilities, in plain Helia and in Kubo,
 * and the limits of the machine on the same bytes in the same run. Every run is a process of its own with an empty directory.
 * What has to do with 20,000 blocks or more is run once for every three runs.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { median } from './store-work.ts'
import type { Op, Sample, Work } from './store-work.ts'

/** One line of the table. */
export interface StoreRow {
  impl: 'datanode' | 'helia' | 'kubo' | 'sha256' | 'write-fsync'
  work: Work
  op: Op
  durability: string
  mbPerSecond: number | undefined
  ms: number
  publishSlowdown: number | undefined
}

interface Subject {
  impl: StoreRow['impl']
  durability: string
  /** The program that measures it, and the third argument that it takes. */
  program: string
  argument: string
}

const childTimeoutMs = 600_000
const outputBytesMax = 1024 * 1024
const heavyRunEvery = 3

const run = promisify(execFile)

export async function store ({ runs }: { runs: number }): Promise<StoreRow[]> {
  const samples = new Map<Subject, Sample[]>(subjects().map(subject => [subject, []]))
  // One run of each after the other, so that a slow minute of the machine is one for all of them.
  for (let index = 0; index < runs; index++) {
    for (const [subject, taken] of samples) taken.push(...await measure(subject, index))
  }
  return [...samples].flatMap(([subject, taken]) => rowsOf(subject, taken))
}

function subjects (): Subject[] {
  const { KUBO: kubo = '' } = process.env
  return [
    { impl: 'datanode', durability: 'power-cut', program: 'store-datanode.ts', argument: 'power-cut' },
    { impl: 'datanode', durability: 'process-crash', program: 'store-datanode.ts', argument: 'process-crash' },
    { impl: 'helia', durability: 'none', program: 'store-helia.ts', argument: '' },
    ...kubo === '' ? [] : [{ impl: 'kubo', durability: 'power-cut', program: 'store-kubo.ts', argument: kubo } as const],
    { impl: 'sha256', durability: 'none', program: 'store-limits.ts', argument: 'sha256' },
    { impl: 'write-fsync', durability: 'power-cut', program: 'store-limits.ts', argument: 'write-fsync' }
  ]
}

async function measure ({ program, argument }: Subject, index: number): Promise<Sample[]> {
  const home = await mkdtemp(join(tmpdir(), 'bench-store-'))
  try {
    const heavy = index % heavyRunEvery === 0 ? 'heavy' : 'light'
    const path = join(import.meta.dirname, program)
    const { stdout } = await run(process.execPath, [path, home, String(index), argument, heavy],
      { cwd: join(import.meta.dirname, '../..'), timeout: childTimeoutMs, maxBuffer: outputBytesMax })
    return stdout.split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line) as Sample)
  } finally {
    await rm(home, { recursive: true, force: true })
    // What others left unwritten must not be written on the next one's time.
    await run('sync').catch(() => {})
  }
}

function rowsOf ({ impl, durability }: Subject, samples: readonly Sample[]): StoreRow[] {
  const groups = Map.groupBy(samples, ({ work, op }) => `${work} ${op}`)
  return [...groups.values()].flatMap(group => {
    const [first] = group
    if (first === undefined) return []
    const { work, op, bytes } = first
    const ms = median(group.map(sample => sample.ms))
    const slowdowns = group.flatMap(({ publishSlowdown }) => publishSlowdown ?? [])
    return [{
      impl,
      work,
      op,
      durability,
      mbPerSecond: bytes === undefined || op === 'hold' || op === 'collect' ? undefined : round(bytes / ms / 1000),
      ms: round(ms),
      publishSlowdown: slowdowns.length === 0 ? undefined : round(median(slowdowns))
    }]
  })
}

function round (value: number): number {
  return Math.round(value * 100) / 100
}
