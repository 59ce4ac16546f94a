/**
 * Runs a benchmark by its name and prints a table: `npm run bench -- boot|store [--runs 5] [--json FILE]`.
 */
import { writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import { boot } from './boot.ts'
import { store } from './store.ts'

type Row = Record<string, string | number | undefined>
type Suite = (options: { runs: number }) => Promise<Row[]>

const suites = new Map<string, Suite>([
  ['boot', async options => (await boot(options)).map(row => ({ ...row }))],
  ['store', async options => (await store(options)).map(row => ({ ...row }))]
])

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, runs: { type: 'string', default: '5' } }
})
const [name = ''] = positionals
const suite = suites.get(name)
const runs = Number(values.runs)

if (suite === undefined || positionals.length !== 1 || !Number.isInteger(runs) || runs < 1) {
  console.error(`usage: npm run bench -- <${[...suites.keys()].join(' | ')}> [--runs N] [--json FILE]`)
  process.exitCode = 2
} else {
  const rows = await suite({ runs })
  console.log(formatTable(rows))
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify({ suite: name, machine: machine(), rows }, undefined, 2)}\n`)
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
  const line = (cells: (string | number | undefined)[]): string => cells
    .map((cell, i) => typeof cell === 'number' ? String(cell).padStart(widths[i] ?? 0) : (cell ?? '').padEnd(widths[i] ?? 0)).join('  ')
  return [line(columns), ...rows.map(row => line(columns.map(column => row[column])))].join('\n')
}
