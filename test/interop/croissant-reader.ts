import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const installTimeoutMs = 10 * 60_000
const readTimeoutMs = 2 * 60_000
const outputBytesMax = 64 * 1024 * 1024
const programs = join(import.meta.dirname, 'croissant')

/** What Python's `mlcroissant` says of one dataset. */
export interface ReadDataset {
  name: string
  version: string
  errors: string[]
  warnings: string[]
  /** Of each record set, by the names of its fields. */
  records: Record<string, Record<string, unknown>[]>
}

/** Installs `mlcroissant` in a place of its own, and gives the Python that has it. */
export async function installCroissant (): Promise<string> {
  const folder = join(import.meta.dirname, '../../node_modules/.cache/croissant')
  await mkdir(folder, { recursive: true })
  const python = join(folder, 'bin/python')
  await run('python3', ['-m', 'venv', folder], { timeout: installTimeoutMs })
  const options = ['--quiet', '--disable-pip-version-check', '-r', join(programs, 'requirements.txt')]
  await run(python, ['-m', 'pip', 'install', ...options], { timeout: installTimeoutMs })
  return python
}

/** Lets it validate and read datasets that were written to directories. */
export async function readCroissant (python: string, directories: readonly string[]): Promise<ReadDataset[]> {
  const { stdout } = await run(python, [join(programs, 'read.py'), ...directories], { timeout: readTimeoutMs, maxBuffer: outputBytesMax })
  return JSON.parse(stdout) as ReadDataset[]
}
