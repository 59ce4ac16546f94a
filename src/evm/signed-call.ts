import { keccak256 } from 'viem'
import { untilAborted } from '../format/until-aborted.ts'
import { readNumber } from './rpc-values.ts'
import type { AbortOptions, Address, Hex, Uint256 } from '../interface/primitives.ts'
import type { Ask, Endpoints } from './endpoints.ts'

/** Signs transactions of one address: an account of viem, such as `privateKeyToAccount` makes, or one over a remote signer. */
export interface TransactionAccount {
  readonly address: Hex
  /** @returns the transaction with its signature, as it is sent */
  signTransaction(transaction: UnsignedTransaction): Promise<Hex>
}

/** A transaction that is to be signed, in viem's own form. */
export type UnsignedTransaction = ContractCall & Fees & { chainId: number, nonce: number, gas: bigint }

/** A call of a contract. */
export interface ContractCall {
  to: Address
  data: Hex
}

/** What a transaction pays a unit of gas at most, in wei, by the rules of EIP-1559 or by those before it. */
export type Fees = { maxFeePerGas: bigint, maxPriorityFeePerGas: bigint } | { gasPrice: bigint }

/** A transaction that can be sent as often as one likes: it is in a block once at most. */
export interface SignedCall {
  call: ContractCall
  nonce: number
  gas: bigint
  fees: Fees
  raw: Hex
  hash: Hex
}

/** Who signs, for which chain. */
export interface CallSigner {
  endpoints: Pick<Endpoints, 'ask'>
  chainId: Uint256
  account: TransactionAccount
}

/** How much more gas is given than is needed now, and how much more is paid than before, in percent: nodes ask for a tenth. */
const [gasPercent, raisePercent] = [120n, 125n]

/**
 * Signs a call with the gas that it needs now, and what that costs now.
 *
 * @throws {@link RevertedError} when the contract refuses it
 * @throws {@link ChainError} when the account cannot pay, or no endpoint answers
 */
export async function signCall (signer: CallSigner, call: ContractCall, nonce: number,
  options: AbortOptions): Promise<SignedCall> {
  const { account, endpoints } = signer
  const needed = await endpoints.ask('the gas of a call', async ask =>
    readNumber(await ask('eth_estimateGas', [{ from: account.address, ...call }, 'latest'])), options)
  const fees = await askFees(endpoints, options)
  return await sign(signer, { call, nonce, gas: needed * gasPercent / 100n, fees }, options)
}

/** Signs what takes the place of a transaction that waits: the same, for more. */
export async function signAgain (signer: CallSigner, before: SignedCall, options: AbortOptions): Promise<SignedCall> {
  return await sign(signer, { ...before, fees: higher(await askFees(signer.endpoints, options), before.fees) }, options)
}

async function sign (signer: CallSigner, { call, nonce, gas, fees }: Omit<SignedCall, 'hash' | 'raw'>,
  { signal }: AbortOptions): Promise<SignedCall> {
  const { account, chainId } = signer
  const transaction = { ...call, chainId: Number(chainId), nonce, gas, ...fees }
  const raw = await untilAborted(account.signTransaction(transaction), signal)
  return { call, nonce, gas, fees, raw, hash: keccak256(raw) }
}

async function askFees (endpoints: Pick<Endpoints, 'ask'>, options: AbortOptions): Promise<Fees> {
  return await endpoints.ask('the price of gas', async ask => {
    const block = Object(await ask('eth_getBlockByNumber', ['latest', false])) as { baseFeePerGas?: unknown }
    const gasPrice = readNumber(await ask('eth_gasPrice', []))
    if (block.baseFeePerGas === undefined) return { gasPrice: gasPrice * gasPercent / 100n }
    const base = readNumber(block.baseFeePerGas)
    const maxPriorityFeePerGas = await askPriority(ask, gasPrice > base ? gasPrice - base : 0n)
    // Enough for some full blocks, each of which makes it an eighth dearer.
    return { maxFeePerGas: 2n * base + maxPriorityFeePerGas, maxPriorityFeePerGas }
  }, options)
}

/** Not every node knows the call. */
async function askPriority (ask: Ask, otherwise: bigint): Promise<bigint> {
  try {
    return readNumber(await ask('eth_maxPriorityFeePerGas', []))
  } catch {
    return otherwise
  }
}

function higher (now: Fees, before: Fees): Fees {
  const most = (a: bigint, b: bigint): bigint => a > b * raisePercent / 100n ? a : b * raisePercent / 100n + 1n
  if ('gasPrice' in now) return { gasPrice: most(now.gasPrice, 'gasPrice' in before ? before.gasPrice : before.maxFeePerGas) }
  const paid = 'gasPrice' in before ? { maxFeePerGas: before.gasPrice, maxPriorityFeePerGas: before.gasPrice } : before
  return {
    maxFeePerGas: most(now.maxFeePerGas, paid.maxFeePerGas),
    maxPriorityFeePerGas: most(now.maxPriorityFeePerGas, paid.maxPriorityFeePerGas)
  }
}
