import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const outputBytesMax = 64 * 1024 * 1024
const buildTimeoutMs = 30 * 60_000
const commandTimeoutMs = 5 * 60_000

/** The version that everything here is compared with; `kubo/go.mod` requires it. */
export const kuboVersion = '0.43.0'

/** Path of a Kubo binary: `$KUBO`, or one built from its Go module and kept below `node_modules/.cache`. */
export async function kuboBinary (): Promise<string> {
  const { KUBO } = process.env
  if (KUBO !== undefined && KUBO !== '') return KUBO
  const cache = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', `kubo-${kuboVersion}`)
  const binary = join(cache, 'kubo')
  if (!existsSync(binary)) {
    await mkdir(cache, { recursive: true })
    await run('go', ['build', '-o', binary, 'github.com/ipfs/kubo/cmd/ipfs'],
      { cwd: join(import.meta.dirname, 'kubo'), timeout: buildTimeoutMs, maxBuffer: outputBytesMax })
  }
  return binary
}

/** A Kubo repository of its own, never online. */
export interface OfflineKubo extends AsyncDisposable {
  /** Runs one command and returns what it prints. */
  kubo(...args: string[]): Promise<Buffer>
}

/** Makes a repository with the import profile that this library writes. */
export async function offlineKubo (): Promise<OfflineKubo> {
  const binary = await kuboBinary()
  const repository = await mkdtemp(join(tmpdir(), 'datanode-kubo-'))
  const kubo = async (...args: string[]): Promise<Buffer> => {
    const { stdout } = await run(binary, args, {
      env: { ...process.env, IPFS_PATH: repository },
      encoding: 'buffer',
      timeout: commandTimeoutMs,
      maxBuffer: outputBytesMax
    })
    return stdout
  }
  await kubo('init', '--profile=unixfs-v1-2025')
  return { kubo, [Symbol.asyncDispose]: async () => rm(repository, { recursive: true, force: true }) }
}
