/**
 * From the start of a process to a listening node, and the memory that it keeps while idle: this library, plain Helia,
 * and Kubo. Each repository exists before the first measured start. Nothing leaves loopback.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { footprintOfBinary, footprintOfPackages, footprintOfTarball } from './installed.ts'
import { startProgram } from './program.ts'
import type { Footprint } from './installed.ts'
import type { ProgramInit } from './program.ts'

/** One line of the table. */
export interface BootRow extends Footprint {
  impl: 'datanode' | 'helia' | 'kubo'
  /** In all. */
  nodes: number
  processes: number
  /** Until the last process is ready. */
  readyMs: number
  /** Of one process, on average. */
  idleRssMiB: number
}

interface Subject {
  impl: BootRow['impl']
  footprint: Footprint
  /** How to start the process with this number, which runs so many nodes, below one home. */
  program: (home: string, process: number, nodes: number) => ProgramInit
  /** What has to happen once before the first start. */
  prepare?: (home: string, process: number) => Promise<void>
  /** Nodes a process and processes. */
  shapes: readonly Shape[]
}

interface Shape {
  nodes: number
  processes: number
}

interface Sample {
  readyMs: number
  /** Bytes, of one process on average. */
  rss: number
}

const root = join(import.meta.dirname, '../..')
const one: Shape = { nodes: 1, processes: 1 }
const five: Shape = { nodes: 5, processes: 1 }
const four: Shape = { nodes: 1, processes: 4 }
const settleMs = 3_000

export async function boot ({ runs }: { runs: number }): Promise<BootRow[]> {
  const subjects = [await datanode(), await helia(), ...await kubo(process.env['KUBO'])]
  const rows: BootRow[] = []
  for (const subject of subjects) {
    for (const shape of subject.shapes) rows.push(await measure(subject, shape, runs))
  }
  return rows
}

async function measure (subject: Subject, shape: Shape, runs: number): Promise<BootRow> {
  const home = await mkdtemp(join(tmpdir(), `bench-${subject.impl}-`))
  try {
    for (const process of count(shape.processes)) await subject.prepare?.(home, process)
    await once(subject, shape, home, 0)
    const results: Sample[] = []
    for (let run = 0; run < runs; run++) results.push(await once(subject, shape, home, settleMs))
    return {
      impl: subject.impl,
      nodes: shape.nodes * shape.processes,
      processes: shape.processes,
      readyMs: Math.round(median(results.map(({ readyMs }) => readyMs))),
      idleRssMiB: round(median(results.map(({ rss }) => rss)) / 1024 / 1024),
      packages: subject.footprint.packages,
      installMB: round(subject.footprint.installMB)
    }
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

async function once ({ program }: Subject, { nodes, processes }: Shape, home: string, idleMs: number): Promise<Sample> {
  const started = await Promise.allSettled(count(processes).map(i => startProgram(program(home, i, nodes))))
  const running = started.flatMap(result => result.status === 'fulfilled' ? [result.value] : [])
  try {
    const failed = started.find(result => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    await delay(idleMs)
    const resident = await Promise.all(running.map(child => child.residentBytes()))
    const rss = resident.reduce((sum, bytes) => sum + bytes, 0) / processes
    return { readyMs: Math.max(...running.map(({ readyMs }) => readyMs)), rss }
  } finally {
    await Promise.all(running.map(child => child.stop()))
  }
}

async function datanode (): Promise<Subject> {
  const key = (process: number, node: number): string => createHash('sha256').update(`bench ${process} ${node}`).digest('hex')
  return {
    impl: 'datanode',
    footprint: await footprintOfTarball(),
    program: (home, process, nodes) => javascript('boot-datanode.js', [home, ...count(nodes).map(node => key(process, node))]),
    shapes: [one, five, four]
  }
}

async function helia (): Promise<Subject> {
  return {
    impl: 'helia',
    footprint: await footprintOfPackages(root, ['helia', '@helia/unixfs', 'blockstore-fs', 'datastore-level']),
    program: (home, process, nodes) => javascript('boot-helia.js', [home, ...count(nodes).map(node => `${process}-${node}`)]),
    shapes: [one, five, four]
  }
}

async function kubo (binary: string | undefined): Promise<Subject[]> {
  if (binary === undefined || binary === '') return []
  const env = (home: string, process: number): Record<string, string> => ({ IPFS_PATH: join(home, String(process)), IPFS_TELEMETRY: 'off' })
  return [{
    impl: 'kubo',
    footprint: await footprintOfBinary(binary),
    prepare: async (home, process) => {
      const own = env(home, process)
      await mkdir(join(home, String(process)))
      await promisify(execFile)(binary, ['init', '--empty-repo', '--profile=test,autoconf-off'], { env: { ...globalThis.process.env, ...own } })
    },
    program: (home, process) => ({
      command: binary,
      args: ['daemon', '--routing=dhtclient'],
      cwd: home,
      env: env(home, process),
      readyWhen: 'Daemon is ready',
      stopSignal: 'SIGINT'
    }),
    // Each further node is a further daemon.
    shapes: [one, four]
  }]
}

function javascript (file: string, args: string[]): ProgramInit {
  return { command: process.execPath, args: [join(import.meta.dirname, file), ...args], cwd: root, readyWhen: 'ready\n' }
}

function count (length: number): number[] {
  return Array.from({ length }, (_, i) => i)
}

function median (values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  return (low + high) / 2
}

function round (value: number): number {
  return Math.round(value * 10) / 10
}
