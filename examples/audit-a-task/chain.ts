// The chain: a real EVM node on a free port of this machine, with the network's contracts and that of the Ethereum
// Attestation Service. The other programs know where it is, and nothing else.
import { decodeFunctionData } from 'viem'
import { startAnvil } from '../../test/support/evm/anvil.ts'
import { deployEas } from '../../test/support/evm/deploy.ts'
import { deploySession } from '../../test/support/evm/session-contracts.ts'
import type { Address, Hex } from 'cortensor-datanode'

/** What a program has to know about the chain. */
export interface ChainPlace {
  chainId: string
  rpcUrls: string[]
  session: Address
  queue: Address
  eas: Address
}

/** A call that is in a block, with the bytes of its text or hash. */
export interface PaidCall { call: string, bytes: number, gas: number }

/** The chain of this story. */
export interface Chain {
  place: ChainPlace
  /** Gives somebody something to pay gas with. */
  fund: (address: Address) => Promise<void>
  /** All that was called since the contracts were deployed. */
  paid: () => Promise<PaidCall[]>
  /** Submits a text as a task, and commits one as its answer, in a session of its own: what that costs. */
  tryOut: (task: string, answer: string) => Promise<Tried>
  /** Ends the node, and keeps what it has. */
  halt: () => Promise<void>
  /** Goes on with what was kept, on another port. */
  resume: () => Promise<ChainPlace>
  /** Ends the node, if it runs. */
  end: () => Promise<void>
}

/** Gas of both. */
export interface Tried { submit: number, commit: number }

/** That of Arbitrum Sepolia, where the network has a test net. */
const chainId = 421614

/** Starts it. A block is made for each transaction, and none is ever abandoned. */
export async function startChain (): Promise<Chain> {
  let anvil = await startAnvil({ chainId })
  const contracts = await deploySession(anvil)
  const { eas } = await deployEas(anvil)
  const { client, accounts: [account] } = anvil
  const deployedAt = await client.getBlockNumber()
  const abi = [...contracts.session.abi, ...contracts.queue.abi, ...eas.abi]

  async function paidIn (blockNumber: bigint): Promise<PaidCall[]> {
    const { transactions } = await client.getBlock({ blockNumber, includeTransactions: true })
    return await Promise.all(transactions.map(async ({ hash, input }) => {
      const { functionName, args } = decodeFunctionData({ abi, data: input })
      const bytes = Math.max(0, ...args.map(value => typeof value === 'string' ? byteLength(value) : 0))
      const { gasUsed } = await client.getTransactionReceipt({ hash })
      return { call: functionName, bytes, gas: Number(gasUsed) }
    }))
  }

  const place = {
    chainId: String(chainId),
    rpcUrls: [anvil.url],
    session: lower(contracts.session.address),
    queue: lower(contracts.queue.address),
    eas: lower(eas.address)
  }
  let state: Hex | undefined

  return {
    place,
    fund: async address => { await anvil.fund(address) },
    paid: async () => {
      const calls: PaidCall[] = []
      const head = await client.getBlockNumber()
      for (let block = deployedAt + 1n; block <= head; block++) calls.push(...await paidIn(block))
      return calls
    },
    tryOut: async (task, answer) => {
      if (account === undefined) throw new Error('the node has no account')
      const before = await client.getBlockNumber()
      const sessionId = await contracts.createSession([account.address])
      const taskId = await contracts.submit(sessionId, task)
      await contracts.act(account, 'precommit', sessionId, taskId, await contracts.hashOf(answer), '')
      const { gasUsed } = await contracts.act(account, 'commit', sessionId, taskId, answer)
      // after the session was created comes its task
      const [submitted] = await paidIn(before + 2n)
      return { submit: submitted?.gas ?? 0, commit: Number(gasUsed) }
    },
    halt: async () => {
      state = await client.dumpState()
      await anvil.stop()
    },
    resume: async () => {
      anvil = await startAnvil({ chainId })
      if (state !== undefined) await anvil.client.loadState({ state })
      return { ...place, rpcUrls: [anvil.url] }
    },
    end: async () => { await anvil.stop() }
  }
}

function lower (text: Hex): Address {
  return text.toLowerCase() as Address
}

/** A hash is a number on chain, and no text. */
function byteLength (text: string): number {
  return text.startsWith('0x') ? (text.length - 2) / 2 : new TextEncoder().encode(text).length
}
