/**
 * Runs a benchmark by its name and prints a table: `npm run bench -- boot [--runs 5] [--json FILE]`. Comparisons of transfers also
 * take `--only datanode,raw-stream`, and `--deadline SECONDS` for what is given up. Kubo is compared when `KUBO` is its binary.
 */
import { writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { audit } from './audit.ts'
import { boot } from './boot.ts'
import { bundle } from './bundle.ts'
import { dataset } from './dataset.ts'
import { fanIn } from './fan-in.ts'
import { gas } from './gas.ts'
import { idle } from './idle.ts'
import { large } from './large.ts'
import { providers } from './providers.ts'
import { slowLink } from './slow-link.ts'
import { withScope } from './scope.ts'
import { store } from './store.ts'
import type { BenchOptions } from './options.ts'

type Row = Record<string, string | number | boolean | undefined>
type Suite = (options: BenchOptions) => Promise<Row[]>

const suites = new Map<string, Suite>([
  ['audit', async options => [...await audit(options), ...await gas()].map(row => ({ ...row }))],
  ['boot', async ({ runs = 5 }) => (await boot({ runs })).map(row => ({ ...row }))],
  ['bundle', async options => (await bundle(options)).map(row => ({ ...row }))],
  ['dataset', async options => (await dataset(options)).map(row => ({ ...row }))],
  ['large', async options => (await large(options)).map(row => ({ ...row }))],
  ['providers', async options => (await providers(options)).map(row => ({ ...row }))],
  ['fan-in', async options => (await fanIn(options)).map(row => ({ ...row }))],
  ['idle', async options => (await idle(options)).map(row => ({ ...row }))],
  ['slow-link', async options => (await slowLink(options)).map(row => ({ ...row }))],
  ['store', async ({ runs = 3 }) => (await store({ runs })).map(row => ({ ...row }))]
])

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, runs: { type: 'string' }, only: { type: 'string' }, deadline: { type: 'string' } }
})
const [name = ''] = positionals
const suite = suites.get(name)
const runs = numberOf(values.runs)
const deadlineMs = numberOf(values.deadline, 1000)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

if (suite === undefined || positionals.length !== 1 || Number.isNaN(runs) || Number.isNaN(deadlineMs)) {
  console.error(`usage: npm run bench -- <${[...suites.keys()].join(' | ')}> [--runs N] [--json FILE] [--only A,B] [--deadline SECONDS]`)
  process.exitCode = 2
} else {
  const rows = await withScope(async () => await suite({ runs, deadlineMs, only: values.only?.split(',') }))
  console.log(formatTable(rows))
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ suite: name, machine: machine(), rows }, undefined, 2)}\n`)
}

/** A whole number above zero; undefined where there is none, and not a number where it is another. */
function numberOf (text: string | undefined, unit = 1): number | undefined {
  if (text === undefined) return undefined
  return /^[1-9]\d*$/.test(text) ? Number(text) * unit : NaN
}

function machine (): Row {
  const processors = cpus()
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    platform: `${process.platform}-${process.arch}`,
    node: process.version
  }
}

/** Columns as wide as their widest cell, numbers to the right. */
function formatTable (rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap(row => Object.keys(row)))]
  const widths = columns.map(column => Math.max(column.length, ...rows.map(row => String(row[column] ?? '').length)))
  const line = (cells: Row[string][]): string => cells
    .map((cell, i) => typeof cell === 'number' ? String(cell).padStart(widths[i] ?? 0) : String(cell ?? '').padEnd(widths[i] ?? 0)).join('  ')
  return [line(columns), ...rows.map(row => line(columns.map(column => row[column])))].join('\n')
}
