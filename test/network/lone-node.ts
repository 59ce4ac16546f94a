/**
 * A node in a process of its own: connects to the router that it is given, says which sockets its process has, stops,
 * and has nothing left that would keep the process alive.
 */
import { readdir, readFile, readlink } from 'node:fs/promises'
import { createIdentity } from '../../src/network/identity.ts'
import { createNetwork } from '../../src/network/network.ts'

interface Socket {
  protocol: string
  isListening: boolean
  remotePort: number
}

/** Sockets of this process, as the Linux kernel has them. */
async function socketsOfProcess (): Promise<Socket[]> {
  const links = await Promise.all((await readdir('/proc/self/fd')).map(fd => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
  const inodes = new Set(links.flatMap(link => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
  const sockets: Socket[] = []
  for (const protocol of ['tcp', 'tcp6', 'udp', 'udp6']) {
    const table = await readFile(`/proc/self/net/${protocol}`, 'utf8').catch(() => '')
    for (const row of table.split('\n').slice(1)) {
      const [, , remote = '', state, , , , , , inode = ''] = row.trim().split(/\s+/)
      if (inodes.has(inode)) {
        sockets.push({ protocol, isListening: state === '0A', remotePort: parseInt(remote.split(':')[1] ?? '0', 16) })
      }
    }
  }
  return sockets
}

const router = process.argv[2] ?? ''
const key = new Uint8Array(32).fill(3)
const network = await createNetwork({
  identity: createIdentity(key),
  publicBlocks: { has: async () => false, get: async () => { throw new Error('nothing') } },
  routers: [router],
  log: () => {}
})
await network.ready({ signal: AbortSignal.timeout(20_000) })
const sockets = await socketsOfProcess()
const resources = process.getActiveResourcesInfo()
await network.stop()
console.log(JSON.stringify({ sockets, resources, rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20) }))
