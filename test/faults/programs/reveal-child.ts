/**
 * A miner that works until it is killed or its parent ends. It answers one task after the other; of each answer it prints, with the
 * id of the task and the URN,
 *
 * - `precommitted` when it is stored and not revealed
 * - `revealing` from here on it may be revealed or not
 * - `revealed` from here on it is
 *
 * Arguments: home, private key, how many answers wait before the first one is revealed.
 */
import { createDataNode } from '../../../dist/index.js'
import type { DataNode, PublishResultOptions } from '../../../src/interface/data-node.ts'

const [home = '', privateKey = '', ahead = '1'] = process.argv.slice(2)
process.stdin.on('end', () => process.exit()).resume()
const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' } as const
const say = (what: string, taskId: number, urn: string): void => { process.stdout.write(`${what} ${taskId} ${urn}\n`) }

const node: DataNode = await createDataNode({ home, privateKey })
const task = await node.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
const waiting: string[] = []
for (let taskId = 0; ; taskId++) {
  const options: PublishResultOptions = { reveal: 'later', readers: 'anyone' }
  await using result = await node.publishResult({ task, taskId: String(taskId), output: `answer ${taskId}` }, options)
  say('precommitted', taskId, result.urn)
  waiting.push(result.urn)
  if (waiting.length <= Number(ahead)) continue
  const urn = waiting.shift() ?? ''
  say('revealing', taskId - Number(ahead), urn)
  await node.reveal(urn)
  say('revealed', taskId - Number(ahead), urn)
}
