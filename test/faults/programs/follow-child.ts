/**
 * A data node that follows another one until it is killed or its parent ends. What it prints:
 *
 * - `loaded`
 * - `seen <size>` from here on so many entries of the log are here for ever
 *
 * Arguments: home, the address of the other node, and where it can be dialled.
 */
import { createDataNode } from '../../../dist/index.js'
import type { Address } from '../../../src/interface/primitives.ts'

const [home = '', address = '', provider = ''] = process.argv.slice(2)
process.stdin.on('end', () => process.exit()).resume()

process.stdout.write('loaded\n')
const node = await createDataNode({ home, privateKey: '22'.repeat(32) })
const log = await node.audit.follow(address as Address, { providers: [provider] })
for (;;) {
  process.stdout.write(`seen ${log.checkpoint.size}\n`)
  await log.update().catch((error: unknown) => { process.stderr.write(`${String(error)}\n`) })
}
