import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const outputBytesMax = 64 * 1024 * 1024
const installTimeoutMs = 10 * 60_000
const commandTimeoutMs = 60_000

/** The version that everything here is compared with; `arrow/requirements.txt` requires it. */
export const arrowVersion = '26.0.1'

const requirements = join(import.meta.dirname, 'arrow', 'requirements.txt')

/** Path of a Python that has pyarrow: `$PYARROW`, or one of an environment of its own below `node_modules/.cache`. */
export async function arrowPython (): Promise<string> {
  const { PYARROW } = process.env
  if (PYARROW !== undefined && PYARROW !== '') return PYARROW
  const cache = join(import.meta.dirname, '..', '..', 'node_modules', '.cache')
  const environment = join(cache, `pyarrow-${arrowVersion}`)
  const python = join(environment, 'bin', 'python')
  if (existsSync(python)) return python
  await mkdir(cache, { recursive: true })
  // What is cut off has another name: an environment that is there is complete.
  const unfinished = join(cache, `pyarrow-${arrowVersion}.unfinished`)
  await run('python3', ['-m', 'venv', '--clear', unfinished], { timeout: installTimeoutMs })
  await run(join(unfinished, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements],
    { timeout: installTimeoutMs, maxBuffer: outputBytesMax })
  await rename(unfinished, environment)
  return python
}

/** Runs one of the programs in `arrow/`, and reads the JSON that it prints. */
export async function askArrow (program: string, ...args: string[]): Promise<unknown> {
  const { stdout } = await run(await arrowPython(), [join(import.meta.dirname, 'arrow', program), ...args],
    { timeout: commandTimeoutMs, maxBuffer: outputBytesMax })
  return JSON.parse(stdout) as unknown
}
