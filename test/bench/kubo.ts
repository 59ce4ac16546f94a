/** Kubo daemons, asked over their HTTP interface. One daemon stands for ten nodes at most. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { writeContent } from './content.ts'
import { forgetPeak, memoryOf } from './memory.ts'
import type { IncomingMessage } from 'node:http'
import type { Content } from './content.ts'
import type { Peer } from './implementations.ts'
import type { Fetched, FetchArgument, FetchItem, FetchReport } from './peer.ts'
import type { Scope } from './scope.ts'

interface Daemon {
  pid: number
  /** Directory of the repository, with room beside it. */
  home: string
  environment: NodeJS.ProcessEnv
  api: string
  gateway: string
  /** With its peer id. */
  multiaddr: string
  stop(): Promise<void>
}

const nodesPerDaemon = 10
const startTimeoutMs = 60_000
const stopTimeoutMs = 15_000
const countedAfterMs = 1_500

/** Starts daemons that others fetch from, by bitswap or at their gateway. */
export async function kuboServer (scope: Scope, binary: string, nodes: number, door: 'swarm' | 'gateway'): Promise<Peer> {
  const daemons = await Promise.all(Array.from({ length: Math.ceil(nodes / nodesPerDaemon) }, async () => startDaemon(scope, binary, true)))
  const daemonOf = (node: number): Daemon => daemons[node % daemons.length] as Daemon
  return {
    ...processesOf(daemons),
    addresses: Array.from({ length: nodes }, (_, node) => door === 'swarm' ? daemonOf(node).multiaddr : daemonOf(node).gateway),
    publish: async (node, content) => publish(binary, daemonOf(node), content),
    fetch: async () => { throw new TypeError('This side publishes') }
  }
}

/** Starts a daemon that fetches by bitswap. */
export async function kuboClient (scope: Scope, binary: string): Promise<Peer> {
  const daemon = await startDaemon(scope, binary, false)
  return {
    ...processesOf([daemon]),
    addresses: [],
    publish: async () => { throw new TypeError('This side fetches') },
    fetch: async argument => fetchAll(daemon, argument)
  }
}

/** What `ipfs add --recursive` of a directory takes, and how much memory the daemon that does it. */
export async function kuboAdd (scope: Scope, binary: string, directory: string): Promise<{ ms: number, peakOverBaseMiB: number }> {
  const { pid, environment } = await startDaemon(scope, binary, false)
  await forgetPeak(pid)
  const { nowMiB } = await memoryOf(pid)
  const startedAt = performance.now()
  await promisify(execFile)(binary, ['add', '--recursive', '--quieter', directory], { env: environment })
  const ms = performance.now() - startedAt
  return { ms, peakOverBaseMiB: (await memoryOf(pid)).peakMiB - nowMiB }
}

function processesOf (daemons: readonly Daemon[]): Pick<Peer, 'memory' | 'forgetPeak' | 'stop'> {
  return {
    memory: async () => {
      const all = await Promise.all(daemons.map(async ({ pid }) => memoryOf(pid)))
      return all.reduce((largest, memory) => memory.peakMiB > largest.peakMiB ? memory : largest)
    },
    forgetPeak: async () => { await Promise.all(daemons.map(async ({ pid }) => forgetPeak(pid))) },
    stop: async () => { await Promise.all(daemons.map(async daemon => daemon.stop())) }
  }
}

async function startDaemon (scope: Scope, binary: string, listen: boolean): Promise<Daemon> {
  const home = await scope.directory('kubo')
  const environment = { ...process.env, IPFS_PATH: join(home, 'repository'), IPFS_TELEMETRY: 'off' }
  const run = async (...args: string[]): Promise<unknown> => promisify(execFile)(binary, args, { env: environment })
  await run('init', '--empty-repo', '--profile=test,autoconf-off,unixfs-v1-2025')
  await run('config', '--json', 'Addresses.Swarm', listen ? '["/ip4/127.0.0.1/tcp/0"]' : '[]')
  // Peers that knew it would connect beside the link.
  await run('config', '--json', 'Addresses.NoAnnounce', '["/ip4/127.0.0.0/ipcidr/8"]')
  await run('config', 'Routing.Type', 'none')
  const child = spawn(binary, ['daemon'], { env: environment, stdio: ['ignore', 'pipe', 'ignore'] })
  const exited = once(child, 'exit')
  const onExit = (): void => { child.kill('SIGKILL') }
  process.once('exit', onExit)
  const stop = async (): Promise<void> => {
    process.off('exit', onExit)
    if (child.exitCode !== null || child.signalCode !== null) return
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
    child.kill('SIGINT')
    await exited
    clearTimeout(timer)
  }
  scope.add(stop)
  await ready(createInterface({ input: child.stdout }), exited)
  const api = urlOf((await readFile(join(environment.IPFS_PATH, 'api'), 'utf8')).trim())
  const { ID } = await json(`${api}/api/v0/id`) as { ID: string }
  const { Strings: [address = ''] } = await json(`${api}/api/v0/swarm/addrs/listen`) as { Strings: string[] }
  const gateway = (await readFile(join(environment.IPFS_PATH, 'gateway'), 'utf8')).trim()
  return { pid: child.pid ?? 0, home, environment, api, gateway, multiaddr: `${address}/p2p/${ID}`, stop }
}

async function ready (lines: AsyncIterable<string>, exited: Promise<unknown>): Promise<void> {
  const isReady = async (): Promise<void> => {
    for await (const line of lines) {
      if (line.includes('Daemon is ready')) return
    }
  }
  const late = AbortSignal.timeout(startTimeoutMs)
  await Promise.race([
    isReady(),
    exited.then(() => { throw new Error('Kubo ended before it was ready') }),
    once(late, 'abort').then(() => { throw new Error(`Kubo was not ready after ${startTimeoutMs} ms`) })
  ])
}

async function publish (binary: string, { home, environment }: Daemon, content: Content): Promise<string> {
  const directory = join(home, 'content', content.seed)
  await mkdir(join(home, 'content'), { recursive: true })
  await writeContent(content, directory)
  try {
    const { stdout } = await promisify(execFile)(binary, ['add', '--recursive', '--quieter', directory], { env: environment })
    return stdout.trim()
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function fetchAll (daemon: Daemon, { items, isCold, deadlineMs, countWireBytes = false }: FetchArgument): Promise<FetchReport> {
  const addresses = [...new Set(items.flatMap(({ from }) => from))]
  if (isCold) await disconnect(daemon, addresses)
  const before = countWireBytes ? await bytesSoFar(daemon) : 0
  const fetched = await Promise.all(items.map(async item => fetchOne(daemon, item, deadlineMs)))
  return countWireBytes ? { fetched, wireBytes: await bytesSoFar(daemon) - before } : { fetched }
}

/** Reads the archive that `ipfs get` makes, and drops it. What is fetched is in the daemon's repository. */
async function fetchOne (daemon: Daemon, { ref, payloadBytes, from }: FetchItem, deadlineMs: number): Promise<Fetched> {
  const signal = AbortSignal.timeout(deadlineMs)
  const startedAt = performance.now()
  let bytes = 0
  try {
    for (const address of from) await json(`${daemon.api}/api/v0/swarm/connect?arg=${address}`, signal)
    for await (const piece of await post(`${daemon.api}/api/v0/get?arg=${ref}`, signal)) bytes += (piece as Buffer).length
    if (bytes < payloadBytes) throw new Error(`ipfs get ended after ${bytes} bytes`)
    return { ms: performance.now() - startedAt, payloadBytes, isComplete: true }
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    return { ms: performance.now() - startedAt, payloadBytes: Math.min(bytes, payloadBytes), isComplete: false, failure }
  }
}

async function disconnect ({ api }: Daemon, addresses: readonly string[]): Promise<void> {
  const { Peers } = await json(`${api}/api/v0/swarm/peers`) as { Peers: { Peer: string }[] | null }
  for (const { Peer } of Peers ?? []) {
    if (addresses.some(address => address.endsWith(Peer))) await json(`${api}/api/v0/swarm/disconnect?arg=/p2p/${Peer}`)
  }
}

/** Of all streams, without what the muxer and the cipher add. Kubo adds them up once a second. */
async function bytesSoFar ({ api }: Daemon): Promise<number> {
  await delay(countedAfterMs)
  const { TotalIn, TotalOut } = await json(`${api}/api/v0/stats/bw`) as { TotalIn: number, TotalOut: number }
  return TotalIn + TotalOut
}

async function json (url: string, signal?: AbortSignal): Promise<unknown> {
  let text = ''
  for await (const piece of (await post(url, signal)).setEncoding('utf8')) text += piece as string
  return JSON.parse(text)
}

async function post (url: string, signal?: AbortSignal): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    request(url, { method: 'POST', ...(signal === undefined ? {} : { signal }) }, (response) => {
      if (response.statusCode === 200) resolve(response)
      else reject(new Error(`${url} was answered with ${response.statusCode}`))
    }).once('error', reject).end()
  })
}

/** `/ip4/127.0.0.1/tcp/5001` as a URL. */
function urlOf (multiaddr: string): string {
  const [, , host, , port] = multiaddr.split('/')
  return `http://${host}:${port}`
}
