import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'

/** What one attack came to. */
export interface TableRow {
  attack: string
  happened: string
  /** Bytes that the node used more while it was attacked. */
  peakBytes: number
  lagMs: number
  /** How long an honest peer's fetch took meanwhile. */
  honestMs: number
}

declare module 'vitest' {
  interface ProvidedContext { hostileTable: string }
}

/** Makes the file for the rows of all processes, and prints it when everything has run. */
export function setup ({ provide }: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'hostile-table-'))
  const path = join(directory, 'rows')
  appendFileSync(path, '')
  provide('hostileTable', path)
  return () => {
    print(readFileSync(path, 'utf8').split('\n').filter(line => line !== '').map(line => JSON.parse(line) as TableRow))
    rmSync(directory, { recursive: true })
  }
}

export function addRow (row: TableRow): void {
  appendFileSync(inject('hostileTable'), `${JSON.stringify(row)}\n`)
}

function print (rows: readonly TableRow[]): void {
  if (rows.length === 0) return
  const cells = rows.map(({ attack, happened, peakBytes, lagMs, honestMs }) =>
    [attack, happened, (peakBytes / 2 ** 20).toFixed(1), lagMs.toFixed(0), honestMs.toFixed(0)])
  const all = [['attack', 'what happened', 'memory, MiB', 'lag, ms', 'honest peer, ms'], ...cells]
  const widths = [0, 1, 2, 3, 4].map(at => Math.max(...all.map(row => row[at]?.length ?? 0)))
  const lines = all.map(row => row.map((cell, at) => at < 2 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)).join('  '))
  process.stdout.write(`\n${lines.join('\n')}\n\n`)
}
