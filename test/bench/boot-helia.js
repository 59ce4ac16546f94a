/**
 * Starts plain Helia nodes with the packages that `createHelia()` loads by default, says so on one line, and stays
 * until its input ends. Turned off is only what would talk to strangers: public routers, gateways, bootstrap, mDNS, UPnP.
 * Arguments: the home directory, then one name a node.
 */
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { libp2pDefaults } from '@helia/libp2p'
import { unixfs } from '@helia/unixfs'
import { FsBlockstore } from 'blockstore-fs'
import { LevelDatastore } from 'datastore-level'
import { createHelia } from 'helia'

const [home, ...names] = process.argv.slice(2)
const nodes = await Promise.all(names.map(name => start(join(home, name))))
console.log('ready')
process.stdin.resume()
await once(process.stdin, 'end')
await Promise.all(nodes.map(node => node.stop()))

async function start (folder) {
  await mkdir(folder, { recursive: true })
  const libp2p = libp2pDefaults()
  libp2p.addresses = { listen: ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws', '/ip4/127.0.0.1/udp/0/webrtc-direct'] }
  libp2p.peerDiscovery = []
  delete libp2p.services.upnp
  const helia = createHelia({
    blockstore: new FsBlockstore(join(folder, 'blocks')),
    datastore: new LevelDatastore(join(folder, 'data')),
    http: { delegatedRouters: [], recursiveGateways: [] },
    libp2p
  })
  await helia.start()
  unixfs(helia)
  return helia
}
