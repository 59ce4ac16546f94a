/**
 * A data node that mirrors a dataset until it is killed or its parent ends, through the public calls. What it prints:
 *
 * - `open <address>` once it is open
 * - `bytes <n> <there>` now and then, of files: how many came of what is fetched now, and how many were there
 * - `held <version> <root>` when a version is held
 * - `all <versions>` when the mirror has what there is
 *
 * Arguments: home, the name of the dataset, and where its publisher can be dialled.
 */
import { createDataNode } from '../../../dist/index.js'
import type { DataNode } from '../../../src/interface/data-node.ts'

const [home = '', name = '', ...providers] = process.argv.slice(2)
process.stdin.on('end', () => process.exit()).resume()

const node: DataNode = await createDataNode({ home, privateKey: '22'.repeat(32), storage: { quota: '1GiB', keepFree: 0 } })
say('open', node.address)
const mirror = await node.datasets.mirror(name, {
  providers,
  onVersion: ({ version, cid }) => { say('held', `${version} ${cid}`) },
  onProgress: ({ type, detail }) => {
    if (type !== 'datanode:fetch:progress') return
    const { bytesDone, bytesThere } = detail
    // Manifests and directories come first, and are small.
    if (bytesDone > 1_000_000) say('bytes', `${bytesDone - bytesThere} ${bytesThere}`)
  }
})
say('all', String(mirror.versions.length))

function say (what: string, about: string): void {
  process.stdout.write(`${what} ${about}\n`)
}
