/**
 * Starts data nodes in one process, says so on one line, and stays until its input ends.
 * Arguments: the home directory, then one private key a node.
 */
import { once } from 'node:events'
import { createDataNode } from 'cortensor-datanode'

const [home, ...keys] = process.argv.slice(2)
const nodes = await Promise.all(keys.map(privateKey => createDataNode({ home, privateKey, listen: ['/ip4/127.0.0.1/tcp/0'] })))
console.log('ready')
process.stdin.resume()
await once(process.stdin, 'end')
await Promise.all(nodes.map(node => node.stop()))
