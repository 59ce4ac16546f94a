// The network's session contract, as a router writes to it with viem.
import { createWalletClient, http, parseAbi, parseEventLogs, publicActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { pollMs } from './start.ts'
import type { Log } from 'viem'
import type { Address, Hex } from 'cortensor-datanode'
import type { ChainPlace } from './chain.ts'

const abi = parseAbi([
  'function create(address[] miners) returns (uint256 sessionId)',
  'function submit(uint256 sessionId, uint256 nodeType, string taskData, uint256 promptType, string promptTemplate, uint256[] llmParams, uint256[] requestParams, string clientReference)',
  'function end(uint256 sessionId, uint256 taskId)',
  'event SessionCreated(uint256 sessionId, bytes32 sid, address owner, address[] miners)',
  'event TaskSubmitted(uint256 sessionId, uint256 taskId, string taskData, string clientReference)'
])
const llmParams = [4096n, 70n, 100n, 40n, 100n, 0n, 0n]

/** What the owner of a network session does on chain. Each resolves when it is in a block. */
export interface Session {
  /** Opens a session of some miners, and gives its id. */
  create: (miners: Address[]) => Promise<string>
  /** Submits a task, and gives its id. All miners of the session are assigned. */
  submit: (sessionId: string, taskData: string) => Promise<string>
  /** Ends a task, whoever has not committed. */
  end: (sessionId: string, taskId: string) => Promise<void>
}

/** The session contract for one owner. */
export function sessionOf ({ rpcUrls, session: address }: ChainPlace, privateKey: Hex): Session {
  const account = privateKeyToAccount(privateKey)
  const client = createWalletClient({ account, transport: http(rpcUrls[0]), pollingInterval: pollMs }).extend(publicActions)
  const to = { address, abi, chain: null }
  const logsOf = async (hash: Hex): Promise<Log[]> => (await client.waitForTransactionReceipt({ hash })).logs
  return {
    create: async miners => {
      const logs = await logsOf(await client.writeContract({ ...to, functionName: 'create', args: [miners] }))
      const [created] = parseEventLogs({ abi, eventName: 'SessionCreated', logs })
      if (created === undefined) throw new Error('the session was not created')
      return created.args.sessionId.toString()
    },
    submit: async (sessionId, taskData) => {
      const args = [BigInt(sessionId), 0n, taskData, 1n, '', llmParams, [], 'audit-a-task'] as const
      const logs = await logsOf(await client.writeContract({ ...to, functionName: 'submit', args }))
      const [submitted] = parseEventLogs({ abi, eventName: 'TaskSubmitted', logs })
      if (submitted === undefined) throw new Error('the task was not submitted')
      return submitted.args.taskId.toString()
    },
    end: async (sessionId, taskId) => {
      await logsOf(await client.writeContract({ ...to, functionName: 'end', args: [BigInt(sessionId), BigInt(taskId)] }))
    }
  }
}
