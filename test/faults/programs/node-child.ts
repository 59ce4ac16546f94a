/**
 * A data node that works until it is killed or its parent ends, through the public calls. What it prints:
 *
 * - `loaded`, and `open <address>` once it is open
 * - `maybe <root>` from here on the root may be listed or not
 * - `kept <root>` from here on the root is listed, and stays
 *
 * Arguments: home, the kind of work, a text that bundles are made from, and references to fetch.
 */
import { createHash } from 'node:crypto'
import { createDataNode } from '../../../dist/index.js'
import type { DataNode } from '../../../src/interface/data-node.ts'

const [home = '', work = '', seed = '', ...references] = process.argv.slice(2)
process.stdin.on('end', () => process.exit()).resume()
const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' } as const
const durability = process.env['FAULT_DURABILITY'] === 'process-crash' ? 'process-crash' : 'power-cut'
let made = 0

async function publish (node: DataNode): Promise<string> {
  const n = made++
  const shared = { name: 'shared', bytes: bytesOf(`${seed}/${Math.floor(n / 2)}`, 2000) }
  const own = { name: 'own', bytes: bytesOf(`${seed}/own/${n}`, n % 3 === 2 ? 1_300_000 : 3000) }
  await using task = await node.publishTaskBundle({ session, prompt: `${seed}/${n}`, files: [shared, own] }, { readers: 'anyone' })
  return task.cid.toString()
}

const works: Record<string, (node: DataNode) => Promise<void>> = {
  publish: async node => { say('kept', await publish(node)) },
  fetch: async node => {
    const reference = references[made++ % references.length] ?? ''
    await using bundle = await node.open(reference)
    await using held = await node.fetchTaskBundle(reference, { hold: true })
    say('kept', held.cid.toString())
    say('maybe', bundle.cid.toString())
    await node.release(bundle.cid)
    await node.collect()
  },
  release: async node => {
    const root = await publish(node)
    say('kept', root)
    say('maybe', root)
    await node.release(root)
    await node.hold(root, { owner: 'other' })
    say('kept', root)
    say('maybe', root)
    await node.release(root, { owner: 'other' })
  },
  collect: async node => {
    const [stays, goes] = [await publish(node), await publish(node)]
    say('kept', stays)
    await node.release(goes)
    const [published] = await Promise.all([publish(node), node.collect()])
    say('kept', published)
  }
}

function say (what: string, about: string): void {
  process.stdout.write(`${what} ${about}\n`)
}

function bytesOf (text: string, length: number): Uint8Array {
  return new Uint8Array(Buffer.alloc(length, createHash('sha256').update(text).digest()))
}

say('loaded', '')
for (;;) {
  const node: DataNode = await createDataNode({ home, privateKey: '11'.repeat(32), storage: { durability } })
  say('open', node.address)
  while (work !== 'open') await works[work]?.(node)
  say('kept', await publish(node))
  await node.stop()
}
