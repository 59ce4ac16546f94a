/**
 * Measures plain Helia, which syncs and verifies nothing on its own, on a blockstore-fs and a datastore-level: `addAll` in the
 * same profile, `cat` of every entry, `pins.add` for holding, `gc` for collecting, beside it an `addAll` and a pin each time.
 * Arguments: directory, number of the run, unused, and `heavy` to include what takes long.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { libp2pDefaults } from '@helia/libp2p'
import { unixfs } from '@helia/unixfs'
import { FsBlockstore } from 'blockstore-fs'
import { LevelDatastore } from 'datastore-level'
import { createHelia } from 'helia'
import { besideCollection, bytesOf, largeWorks, latency, makeFiles, report, smallWorks, timed } from './store-work.ts'
import type { Work, WorkFile } from './store-work.ts'
import type { CID } from 'multiformats/cid'

const [home = '', run = '0', , heavy] = process.argv.slice(2)
await mkdir(home, { recursive: true })
const libp2p = libp2pDefaults()
libp2p.addresses = { listen: [] }
libp2p.peerDiscovery = []
Reflect.deleteProperty(libp2p.services, 'upnp')
const helia = createHelia({
  blockstore: new FsBlockstore(join(home, 'blocks')),
  datastore: new LevelDatastore(join(home, 'data')),
  http: { delegatedRouters: [], recursiveGateways: [] },
  libp2p
})
await helia.start()
const fs = unixfs(helia)

for (const work of smallWorks) {
  const bytes = bytesOf(makeFiles(work, 0))
  report({ work, op: 'publish', ms: await latency(async round => await timed(async () => { await add(makeFiles(work, round)) })), bytes })
}
for (const work of largeWorks) {
  const root = await addAndRead(work)
  if (work === '1x256MiB') report({ work, op: 'hold', ms: await timed(async () => { await pin(root) }) })
}
if (heavy === 'heavy') {
  await addAndRead('20000-blocks')
  const publish = async (round: number): Promise<number> => {
    const files = makeFiles('20x2KB', 1000 + round)
    return await timed(async () => { await pin(await add(files)) })
  }
  report({ work: '20000-blocks', op: 'collect', ...await besideCollection(async () => { await helia.gc() }, publish) })
}
await helia.stop()

async function addAndRead (work: Work): Promise<CID> {
  const files = makeFiles(work, Number(run))
  const bytes = bytesOf(files)
  let root: CID | undefined
  report({ work, op: 'publish', ms: await timed(async () => { root = await add(files) }), bytes })
  if (root === undefined) throw new Error('Helia gave no root')
  const directory = root
  let read = 0
  const ms = await timed(async () => {
    for await (const { cid } of fs.ls(directory)) {
      for await (const piece of fs.cat(cid)) read += piece.byteLength
    }
  })
  if (read !== bytes) throw new Error(`${read} bytes of ${bytes} were read`)
  report({ work, op: 'read', ms, bytes })
  return root
}

async function add (files: readonly WorkFile[]): Promise<CID> {
  let root: CID | undefined
  const source = files.map(({ name, bytes }) => ({ path: name, content: bytes }))
  for await (const { cid } of fs.addAll(source, { profile: 'unixfs-v1-2025', wrapWithDirectory: true })) root = cid
  if (root === undefined) throw new Error('Helia gave no root')
  return root
}

async function pin (root: CID): Promise<void> {
  const pinned: CID[] = []
  for await (const cid of helia.pins.add(root)) pinned.push(cid)
  if (pinned.length === 0) throw new Error('Helia pinned nothing')
}
