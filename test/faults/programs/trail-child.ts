/**
 * A data node that publishes and asks for checkpoints until it is killed or its parent ends. What it prints:
 *
 * - `loaded`
 * - `kept <root>` from here on the statement about this root is in the trail, or will be
 * - `checkpoint <note in base64>` from here on every checkpoint continues this one
 *
 * Arguments: home, and a text that bundles are made from.
 */
import { createDataNode } from '../../../dist/index.js'
import type { DataNode } from '../../../src/interface/data-node.ts'

const [home = '', seed = ''] = process.argv.slice(2)
process.stdin.on('end', () => process.exit()).resume()
const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' } as const

async function publish (node: DataNode, n: number): Promise<void> {
  await using task = await node.publishTaskBundle({ session, prompt: `${seed}/${n}` }, { readers: 'anyone' })
  say('kept', task.cid.toString())
}

function say (what: string, about: string): void {
  process.stdout.write(`${what} ${about}\n`)
}

say('loaded', '')
for (let n = 0; ; n++) {
  const node: DataNode = await createDataNode({ home, privateKey: '11'.repeat(32) })
  for (let round = 0; round < 5; round++) {
    await Promise.all(Array.from({ length: 8 }, async (_, at) => { await publish(node, n * 100 + round * 10 + at) }))
    const { note } = await node.audit.checkpoint()
    say('checkpoint', Buffer.from(note).toString('base64'))
  }
  await node.stop()
}
