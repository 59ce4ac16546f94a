import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { createTestClient, defineChain, http, parseEther, publicActions, toHex, walletActions } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { ChildProcess } from 'node:child_process'
import type { Chain, Hex, HttpTransport, PrivateKeyAccount, PublicActions, TestActions, TestClient, TestRpcSchema, WalletActions } from 'viem'

/** What viem can do with the node: read, write, and turn it about. */
export type AnvilClient = TestClient<'anvil', HttpTransport, Chain, PrivateKeyAccount, true, TestRpcSchema<'anvil'>>
  & TestActions & PublicActions<HttpTransport, Chain> & WalletActions<Chain, PrivateKeyAccount>

/** How a node is started. */
export interface AnvilInit {
  /** By default that of Foundry's nodes. */
  chainId?: number
  /** Seconds between blocks. By default a block is made for each transaction, and none without. */
  blockTimeSeconds?: number
}

/** A real EVM node on a port of this machine. */
export interface Anvil extends AsyncDisposable {
  readonly url: string
  readonly chain: Chain
  /** Ten accounts with 1,000 ether each. The client signs as the first one where nothing else is said. */
  readonly accounts: readonly PrivateKeyAccount[]
  readonly client: AnvilClient
  /** Gives an address 1,000 ether. */
  fund(address: Hex): Promise<void>
  /** Makes empty blocks. */
  mine(blocks?: number): Promise<void>
  /**
   * Replaces the last `depth` blocks by others, in which none of their transactions is. Those that are to stay are given again,
   * signed, with the block that they come into, 0 being the first that is replaced.
   */
  reorganise(depth: number, transactions?: readonly (readonly [signed: Hex, block: number])[]): Promise<void>
  /** Ends the node. Its process has gone when this resolves. */
  stop(): Promise<void>
}

const startTimeoutMs = 20_000
const ether = parseEther('1000')

/** Starts a node of `@foundry-rs/anvil`. It ends with this process at the latest, however this process ends. */
export async function startAnvil ({ chainId = 31337, blockTimeSeconds }: AnvilInit = {}): Promise<Anvil> {
  const block = blockTimeSeconds === undefined ? [] : ['--block-time', String(blockTimeSeconds)]
  // The shell ends the node when its standard input ends, which it does when this process is gone.
  const program = spawn('/bin/sh', ['-c', '"$0" "$@" & node=$!; cat >/dev/null; kill "$node"; wait "$node"', binary(),
    '--host', '127.0.0.1', '--port', '0', '--chain-id', String(chainId), '--accounts', '1', '--color', 'never', ...block],
  { stdio: ['pipe', 'pipe', 'inherit'] })
  try {
    const anvil = new AnvilProgram(program, await readUrl(program), chainId)
    for (const { address } of anvil.accounts) await anvil.fund(address)
    return anvil
  } catch (error) {
    program.stdin.end()
    throw error
  }
}

class AnvilProgram implements Anvil {
  readonly url: string
  readonly chain: Chain
  readonly accounts: readonly PrivateKeyAccount[]
  readonly client: AnvilClient
  readonly #program: ChildProcess

  constructor (program: ChildProcess, url: string, chainId: number) {
    this.#program = program
    this.url = url
    this.chain = defineChain({
      id: chainId,
      name: 'anvil',
      nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
      rpcUrls: { default: { http: [url] } }
    })
    this.accounts = Array.from({ length: 10 }, (_, index) => privateKeyToAccount(toHex(index + 1, { size: 32 })))
    const account = this.accounts[0]!
    this.client = createTestClient({ mode: 'anvil', chain: this.chain, account, transport: http(url), pollingInterval: 20, cacheTime: 0 })
      .extend(publicActions).extend(walletActions)
  }

  async fund (address: Hex): Promise<void> {
    await this.client.setBalance({ address, value: ether })
  }

  async mine (blocks = 1): Promise<void> {
    await this.client.mine({ blocks })
  }

  async reorganise (depth: number, transactions: readonly (readonly [signed: Hex, block: number])[] = []): Promise<void> {
    const request = this.client.request as (call: { method: string, params: unknown[] }) => Promise<unknown>
    await request({ method: 'anvil_reorg', params: [depth, transactions] })
  }

  async stop (): Promise<void> {
    if (this.#program.exitCode !== null || this.#program.signalCode !== null) return
    const gone = once(this.#program, 'exit')
    this.#program.stdin?.end()
    await gone
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await this.stop()
  }
}

/** The program of this platform: a package of its own, which comes with `npm ci` and runs no script. */
function binary (): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  const anvil = createRequire(import.meta.resolve('@foundry-rs/anvil/package.json'))
  return anvil.resolve(`@foundry-rs/anvil-${process.platform}-${architecture}/bin/anvil`)
}

async function readUrl (program: ChildProcess): Promise<string> {
  const deadline = AbortSignal.timeout(startTimeoutMs)
  const lines = createInterface({ input: program.stdout!, signal: deadline })
  for await (const line of lines) {
    const [, address] = /^Listening on (\S+)$/.exec(line) ?? []
    if (address !== undefined) {
      program.stdout!.resume()
      return `http://${address}`
    }
  }
  throw new Error(`anvil did not say within ${startTimeoutMs} ms where it listens`)
}
