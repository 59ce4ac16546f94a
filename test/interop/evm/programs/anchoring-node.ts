/**
 * A node that publishes a task, says `published`, anchors its trail, and prints what is anchored as JSON.
 *
 * Arguments: home, private key of the node and of the account that pays, URL of the chain, its id, EAS's contract.
 */
import { privateKeyToAccount } from 'viem/accounts'
import { easAnchor } from '../../../../src/evm/eas-anchor.ts'
import { createDataNode } from '../../../../src/index.ts'
import type { Address, Hex } from '../../../../src/interface/primitives.ts'

const [home = '', privateKey = '0x', url = '', chainId = '', address = '0x'] = process.argv.slice(2)
process.stdin.on('end', () => process.exit()).resume()

const account = privateKeyToAccount(privateKey as Hex)
const anchor = easAnchor({ rpcUrls: [url], chainId, address: address as Address, account, confirmations: 0, pollMs: 20 })
const node = await createDataNode({ home, privateKey, anchor, anchorIntervalMs: Infinity })
const session = { chainId, queue: `0x${'c0'.repeat(20)}`, sessionId: '0' } as const
await node.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
process.stdout.write('published\n')
await node.audit.anchor()
process.stdout.write(`${JSON.stringify((await node.audit.anchored()).map(({ size, receipt }) => ({ size, receipt })))}\n`)
await node.stop()
process.exit()
