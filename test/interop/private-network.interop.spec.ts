import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { identityOf, loopback, startNetwork } from '../network/support.ts'
import { kuboBinary } from './kubo-binary.ts'

const swarmKey = `/key/swarm/psk/1.0.0/\n/base16/\n${'5e'.repeat(32)}\n`

/** A Kubo that runs. */
interface Daemon extends AsyncDisposable {
  peerId: string
  /** With its peer id. */
  multiaddr: string
  run: (...args: string[]) => Promise<string>
}

let keyed: Daemon
let open: Daemon

beforeAll(async () => {
  [keyed, open] = await Promise.all([startDaemon(swarmKey), startDaemon(undefined)])
})

afterAll(async () => {
  await Promise.all([keyed[Symbol.asyncDispose](), open[Symbol.asyncDispose]()])
})

test('a Kubo with the same swarm.key is connected to, and connects', async () => {
  const node = await startNetwork(1, { networkKey: swarmKey, listen: loopback })
  expect(await node.connect(keyed.multiaddr)).toEqual({ address: undefined, peerId: keyed.peerId })
  expect(await keyed.run('swarm', 'peers')).toContain(node.identity.peerId)
  const other = await startNetwork(2, { networkKey: swarmKey, listen: loopback })
  await keyed.run('swarm', 'connect', other.multiaddrs[0] ?? '')
  expect(await other.connect(keyed.peerId)).toMatchObject({ peerId: keyed.peerId })
})

test('a Kubo with another swarm.key or none is not', async () => {
  const other = await startNetwork(1, { networkKey: '5f'.repeat(32), listen: loopback })
  await expect(other.connect(keyed.multiaddr)).rejects.toMatchObject({ name: 'NetworkKeyMismatchError' })
  // One without a key hangs up before it says anything.
  await expect(other.connect(open.multiaddr)).rejects.toMatchObject({ name: 'PeerUnreachableError' })
  for (const daemon of [keyed, open]) await expect(daemon.run('swarm', 'connect', other.multiaddrs[0] ?? '')).rejects.toThrow()
  const unkeyed = await startNetwork(2)
  await expect(unkeyed.connect(keyed.multiaddr)).rejects.toMatchObject({ name: 'PeerUnreachableError' })
})

test('a Kubo is let in with an allow-list by its peer id', async () => {
  const node = await startNetwork(1, { networkKey: swarmKey, peers: { allow: [keyed.peerId] } })
  expect(await node.connect(keyed.multiaddr)).toMatchObject({ peerId: keyed.peerId })
  node.setPeers({ allow: [identityOf(9).address] })
  await expect(node.connect(keyed.multiaddr)).rejects.toMatchObject({ name: 'PeerDeniedError', details: { peer: keyed.peerId } })
})

async function startDaemon (key: string | undefined): Promise<Daemon> {
  const binary = await kuboBinary()
  const repository = await mkdtemp(join(tmpdir(), 'datanode-kubo-'))
  const env = { ...process.env, IPFS_PATH: repository, IPFS_TELEMETRY: 'off', ...key === undefined ? {} : { LIBP2P_FORCE_PNET: '1' } }
  const run = async (...args: string[]): Promise<string> => (await promisify(execFile)(binary, args, { env })).stdout
  await run('init', '--empty-repo', '--profile=test,autoconf-off')
  await run('config', '--json', 'Addresses.Swarm', '["/ip4/127.0.0.1/tcp/0"]')
  if (key !== undefined) await writeFile(join(repository, 'swarm.key'), key)
  const daemon = spawn(binary, ['daemon', '--routing=none'], { env, stdio: ['ignore', 'pipe', 'ignore'] })
  const exited = once(daemon, 'exit')
  for await (const line of createInterface({ input: daemon.stdout })) if (line.includes('Daemon is ready')) break
  const { ID, Addresses } = JSON.parse(await run('id')) as { ID: string, Addresses: string[] }
  return {
    peerId: ID,
    multiaddr: Addresses[0] ?? '',
    run,
    [Symbol.asyncDispose]: async () => {
      daemon.kill('SIGINT')
      await exited
      await rm(repository, { recursive: true })
    }
  }
}
