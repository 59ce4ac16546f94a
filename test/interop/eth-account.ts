import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { access, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { text } from 'node:stream/consumers'
import type { Address, Hex } from '../../src/interface/primitives.ts'
import type { TypedData } from './typed-data.ts'

const run = promisify(execFile)
const installTimeoutMs = 10 * 60_000
const runTimeoutMs = 2 * 60_000
const folder = join(import.meta.dirname, 'eth-account')

/** What Python is asked: see `eth-account/sign.py`. */
export interface Question {
  typedData: TypedData
  /** Whose signature it makes. */
  privateKey: Hex
  /** Whose signer it finds. */
  signature?: Hex
}

/** What it says. */
export interface Answer {
  digest: Hex
  structHash: Hex
  signature: Hex
  signer: Address | null
}

/** Installs what `requirements.txt` names in an environment of its own: its Python. It needs Python, and PyPI the first time. */
export async function installEthAccount (): Promise<string> {
  const requirements = join(folder, 'requirements.txt')
  const version = createHash('sha256').update(await readFile(requirements)).digest('hex').slice(0, 16)
  const environment = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', `eth-account-${version}`)
  const [python, done] = [join(environment, 'bin', 'python'), join(environment, 'installed')]
  if (await access(done).then(() => true, () => false)) return python
  await run('python3', ['-m', 'venv', '--clear', environment], { timeout: installTimeoutMs })
  const install = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--quiet', '-r', requirements]
  await run(python, install, { timeout: installTimeoutMs })
  await mkdir(done)
  return python
}

/** Asks all of it at once. */
export async function askEthAccount (python: string, questions: readonly Question[]): Promise<Answer[]> {
  const child = spawn(python, [join(folder, 'sign.py')], { stdio: ['pipe', 'pipe', 'pipe'], timeout: runTimeoutMs })
  child.stdin.end(JSON.stringify(questions))
  const [answer, error] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (answer === '') throw new Error(`Python said nothing: ${error}`)
  return JSON.parse(answer) as Answer[]
}
