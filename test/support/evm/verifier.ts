import { compile } from './compile.ts'
import { deploy } from './deploy.ts'
import { hashTaskReference } from '../../../src/format/eip712.ts'
import { toHex } from '../../../src/format/hex.ts'
import type { Address, Hex } from 'viem'
import type { StatementBody } from '../../../src/interface/statement.ts'
import type { TaskReference } from '../../../src/interface/task.ts'
import type { Anvil } from './anvil.ts'

/** What `verifyInclusion` takes. */
export interface ContractInclusion {
  entry: Hex
  index: number
  size: number
  root: Hex
  proof: readonly Hex[]
}

/** The functions of `DataNodeVerifier.sol`, in a contract on a node. They reject where it reverts. */
export interface Verifier {
  hashTask(task: TaskReference): Promise<Hex>
  hashStatement(statement: StatementBody): Promise<Hex>
  verifyStatement(statement: StatementBody, signature: Hex): Promise<Address>
  verifyInclusion(inclusion: ContractInclusion): Promise<boolean>
  /** Gas of a transaction that does nothing but one of the last two. */
  gas(call: { statement: StatementBody, signature: Hex } | ContractInclusion): Promise<bigint>
}

/** Compiles and deploys a contract that has the library compiled in. */
export async function deployVerifier (anvil: Anvil): Promise<Verifier> {
  const { VerifierCaller } = await compile('contracts/DataNodeVerifier.sol', 'test/contracts/VerifierCaller.sol')
  const { address, abi } = await deploy(anvil, VerifierCaller!)
  const { client } = anvil
  const call = async <T> (functionName: string, args: unknown[]): Promise<T> => await client.readContract({ address, abi, functionName, args }) as T
  return {
    hashTask: async task => await call('hashTask', [taskArgument(task)]),
    hashStatement: async statement => await call('hashStatement', [statementArgument(statement)]),
    verifyStatement: async (statement, signature) => (await call<Address>('verifyStatement', [statementArgument(statement), signature])).toLowerCase() as Address,
    verifyInclusion: async inclusion => await call('verifyInclusion', inclusionArguments(inclusion)),
    gas: async what => 'proof' in what
      ? await client.estimateContractGas({ address, abi, functionName: 'verifyInclusion', args: inclusionArguments(what) })
      : await client.estimateContractGas({ address, abi, functionName: 'verifyStatement', args: [statementArgument(what.statement), what.signature] })
  }
}

function taskArgument ({ chainId, queue, sessionId, taskId }: TaskReference): unknown {
  return { chainId: BigInt(chainId), queue, sessionId: BigInt(sessionId), taskId: BigInt(taskId) }
}

function statementArgument ({ task, time, ...fields }: StatementBody): unknown {
  return { ...fields, task: task === undefined ? `0x${'00'.repeat(32)}` : toHex(hashTaskReference(task)), time: BigInt(time) }
}

function inclusionArguments ({ entry, index, size, root, proof }: ContractInclusion): unknown[] {
  return [entry, BigInt(index), BigInt(size), root, proof]
}
