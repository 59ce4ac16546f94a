import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
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

/** A Kubo daemon that listens on loopback only and knows nobody. */
export interface OnlineKubo extends OfflineKubo {
  /** With its peer id. */
  readonly multiaddr: string
  /** Address of its gateway. */
  readonly gateway: string
}

/** Makes a repository with the import profile that this library writes. */
export async function offlineKubo (): Promise<OfflineKubo> {
  const { kubo, repository } = await newRepository()
  await kubo('init', '--profile=unixfs-v1-2025')
  return { kubo, [Symbol.asyncDispose]: async () => rm(repository, { recursive: true, force: true }) }
}

/** Starts a daemon over a repository of its own. It finds nobody by itself, and calls nobody at home. */
export async function onlineKubo (): Promise<OnlineKubo> {
  const { kubo, repository, environment } = await newRepository()
  await kubo('init', '--empty-repo', '--profile=test,autoconf-off,unixfs-v1-2025')
  await kubo('config', '--json', 'Addresses.Swarm', '["/ip4/127.0.0.1/tcp/0"]')
  // Peers that were told of it would connect beside a link that is put in front of it.
  await kubo('config', '--json', 'Addresses.NoAnnounce', '["/ip4/127.0.0.0/ipcidr/8"]')
  await kubo('config', 'Routing.Type', 'none')
  const daemon = spawn(await kuboBinary(), ['daemon'], { env: environment, stdio: ['ignore', 'pipe', 'ignore'] })
  const exited = once(daemon, 'exit')
  for await (const line of createInterface({ input: daemon.stdout })) {
    if (line.includes('Daemon is ready')) break
  }
  const { ID } = JSON.parse((await kubo('id', '--enc=json')).toString()) as { ID: string }
  const [address = ''] = (await kubo('swarm', 'addrs', 'listen')).toString().trim().split('\n')
  return {
    kubo,
    multiaddr: `${address}/p2p/${ID}`,
    gateway: (await readFile(join(repository, 'gateway'), 'utf8')).trim(),
    [Symbol.asyncDispose]: async () => {
      daemon.kill('SIGINT')
      await exited
      await rm(repository, { recursive: true, force: true })
    }
  }
}

async function newRepository (): Promise<Pick<OfflineKubo, 'kubo'> & { repository: string, environment: NodeJS.ProcessEnv }> {
  const binary = await kuboBinary()
  const repository = await mkdtemp(join(tmpdir(), 'datanode-kubo-'))
  const environment = { ...process.env, IPFS_PATH: repository, IPFS_TELEMETRY: 'off' }
  const kubo = async (...args: string[]): Promise<Buffer> => {
    const { stdout } = await run(binary, args, {
      env: environment,
      encoding: 'buffer',
      timeout: commandTimeoutMs,
      maxBuffer: outputBytesMax
    })
    return stdout
  }
  return { kubo, repository, environment }
}
