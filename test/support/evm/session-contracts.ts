import { parseEventLogs } from 'viem'
import { compile } from './compile.ts'
import { deploy } from './deploy.ts'
import type { Address, Hex, PrivateKeyAccount } from 'viem'
import type { Anvil } from './anvil.ts'
import type { Deployed } from './deploy.ts'

/** The network's contracts on a node, and their calls. Each resolves when it is in a block. */
export interface SessionContracts {
  readonly session: Deployed
  readonly queue: Deployed
  /** Opens a network session, and resolves to its id. */
  createSession(miners: readonly Address[]): Promise<bigint>
  /** Submits a task, whose miners are assigned at once, and resolves to its id. */
  submit(sessionId: bigint, taskData: string): Promise<bigint>
  /** Does what a miner does on the queue. */
  act(miner: PrivateKeyAccount, call: 'ack' | 'precommit' | 'commit', ...args: unknown[]): Promise<Receipt>
  /** Does what the session's owner may do about a task. */
  close(call: 'endPrecommit' | 'end', sessionId: bigint, taskId: bigint): Promise<Receipt>
  /** What the queue's own `getHash` says. */
  hashOf(text: string): Promise<Hex>
}

/** What became of a transaction. */
export type Receipt = Awaited<ReturnType<Anvil['client']['waitForTransactionReceipt']>>

/** Where the contracts are. */
export const sessionSources: readonly string[] = ['examples/audit-a-task/contracts/SessionQueueV2.sol', 'examples/audit-a-task/contracts/SessionV2.sol']

/** Compiles and deploys `SessionV2` and `SessionQueueV2`. */
export async function deploySession (anvil: Anvil): Promise<SessionContracts> {
  const { client } = anvil
  const contracts = await compile(...sessionSources)
  const queue = await deploy(anvil, contracts['SessionQueueV2']!)
  const session = await deploy(anvil, contracts['SessionV2']!, [queue.address])
  const write = async (to: Deployed, functionName: string, args: readonly unknown[], account = anvil.accounts[0]!): Promise<Receipt> => {
    const call = { address: to.address, abi: to.abi, functionName, args, account }
    // A write of a block's time costs nothing in the second of the last one: what is needed now need not be enough when it is mined.
    const gas = await client.estimateContractGas(call) * 6n / 5n
    const receipt = await client.waitForTransactionReceipt({ hash: await client.writeContract({ ...call, gas }) })
    if (receipt.status !== 'success') throw new Error(`${functionName} was reverted in a block`)
    return receipt
  }
  const argumentOf = ({ logs }: Receipt, eventName: string, name: string): bigint => {
    const [event] = parseEventLogs({ abi: session.abi, eventName, logs }) as { args?: Record<string, unknown> }[]
    return event?.args?.[name] as bigint
  }
  await write(queue, 'transferOwnership', [session.address])
  return {
    session,
    queue,
    createSession: async miners => argumentOf(await write(session, 'create', [miners]), 'SessionCreated', 'sessionId'),
    submit: async (sessionId, taskData) => {
      const receipt = await write(session, 'submit', [sessionId, 0n, taskData, 1n, '', [4096n, 70n, 100n, 40n, 100n, 0n, 0n], [], 'client-1'])
      return argumentOf(receipt, 'TaskSubmitted', 'taskId')
    },
    act: async (miner, call, ...args) => await write(queue, call, args, miner),
    close: async (call, sessionId, taskId) => await write(session, call, [sessionId, taskId]),
    hashOf: async text => await client.readContract({ address: queue.address, abi: queue.abi, functionName: 'getHash', args: [text] }) as Hex
  }
}
