/**
 * A miner that answers one task and ends, or stops for ever after a step, to be killed there. It prints each step when it is done,
 * and at the end what it answered as JSON.
 *
 * Arguments: home, private key, URL of the node, chain id, queue, session id, task id, the step after which it stops.
 */
import { privateKeyToAccount } from 'viem/accounts'
import { answerTask } from '../../../../src/evm/answer-task.ts'
import { minerQueue } from '../../../../src/evm/miner-queue.ts'
import { createDataNode } from '../../../../src/index.ts'
import type { ResultBundle } from '../../../../src/interface/bundle.ts'
import type { Address, Hex } from '../../../../src/interface/primitives.ts'

const [home = '', privateKey = '0x', url = '', chainId = '', queueAddress = '0x', sessionId = '', taskId = '', last = ''] = process.argv.slice(2)
process.stdin.on('end', () => process.exit()).resume()

async function done (step: string): Promise<void> {
  process.stdout.write(`${step}\n`)
  if (step === last) await new Promise<never>(() => {})
}

/** An object whose methods say when they have done their work. */
function telling<T extends object> (object: T, steps: Partial<Record<keyof T, string>>, turn = (value: unknown): unknown => value): T {
  return new Proxy(object, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      const step = steps[name as keyof T]
      if (step === undefined) return value.bind(target) as unknown
      return async (...given: unknown[]): Promise<unknown> => {
        const result: unknown = await Reflect.apply(value, target, given)
        if (step !== '') await done(step)
        return turn(result)
      }
    }
  })
}

const session = { chainId, queue: queueAddress as Address, sessionId }
const node = await createDataNode({ home, privateKey })
const task = await node.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
const account = privateKeyToAccount(privateKey as Hex)
const queue = minerQueue({ rpcUrls: [url], chainId, address: session.queue, account, confirmations: 0, pollMs: 50 })
const revealing = (result: unknown): unknown => result && telling(result as ResultBundle, { reveal: 'revealed' })
await done('started')
const answered = await answerTask(
  telling(node, { publishResult: 'published', result: '' }, revealing),
  telling(queue, { precommit: 'precommitted', precommitOver: 'over', commit: 'committed' }),
  {
    task,
    taskId,
    answer: async () => {
      await done('computed')
      return { output: 'o' }
    }
  })
process.stdout.write(`${JSON.stringify(answered)}\n`)
await node.stop()
process.exit()
