import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const outputBytesMax = 64 * 1024 * 1024
const installTimeoutMs = 10 * 60_000
const commandTimeoutMs = 60_000

/** Installs what the `requirements.txt` of a folder names in an environment of its own, below `node_modules/.cache`. @returns its Python */
export async function pythonEnvironment (folder: string, name: string): Promise<string> {
  const cache = join(import.meta.dirname, '..', '..', 'node_modules', '.cache')
  const environment = join(cache, name)
  const python = join(environment, 'bin', 'python')
  if (existsSync(python)) return python
  await mkdir(cache, { recursive: true })
  // What is cut off has another name: an environment that is there is complete.
  const unfinished = join(cache, `${name}.unfinished`)
  await run('python3', ['-m', 'venv', '--clear', unfinished], { timeout: installTimeoutMs })
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', join(import.meta.dirname, folder, 'requirements.txt')]
  await run(join(unfinished, 'bin', 'python'), install, { timeout: installTimeoutMs, maxBuffer: outputBytesMax })
  await rename(unfinished, environment)
  return python
}

/** Runs a program of such a folder, and reads the JSON that it prints. */
export async function askPython (python: string, program: string, ...args: string[]): Promise<unknown> {
  const { stdout } = await run(python, [join(import.meta.dirname, program), ...args], { timeout: commandTimeoutMs, maxBuffer: outputBytesMax })
  return JSON.parse(stdout) as unknown
}
