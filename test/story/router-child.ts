/**
 * A router that works until it is killed or its parent ends. It prints `at <address>@<host>:<port>`, then `task <urn>`, and then what it
 * says of offers. Arguments: home, private key, port (0: chosen by the system), the miner that it assigns a task to.
 */
import { createDataNode } from '../../src/index.ts'
import type { Address } from '../../src/interface/primitives.ts'

const [home, privateKey, port, miner] = process.argv.slice(2) as [string, string, string, Address]
process.stdin.on('end', () => process.exit()).resume()
const say = (line: string): void => { process.stdout.write(`${line}\n`) }

const node = await createDataNode({
  home, privateKey, listen: [`/ip4/127.0.0.1/tcp/${port}`], logger: line => { if (line.startsWith('offer:')) say(line) }
})
say(`at ${node.address}@127.0.0.1:${/\/tcp\/(\d+)/.exec(node.multiaddrs[0] ?? '')?.[1] ?? ''}`)
const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' } as const
say(`task ${(await node.publishTaskBundle({ session, prompt: 'p' }, { readers: [miner] })).urn}`)
