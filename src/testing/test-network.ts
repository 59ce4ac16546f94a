import { memory } from '@libp2p/memory'
import { buildComponents } from '../components.ts'
import { RunningDataNode } from '../data-node.ts'
import { checkNumber, checkObject, checkOptional, invalidArgument } from '../format/argument.ts'
import { timerMsMax } from '../limits.ts'
import type { DataNode, Logger } from '../interface/data-node.ts'
import type { StorageOptions } from '../interface/storage.ts'

/** How large the network is and how slow. */
export interface TestNetworkInit {
  /** How many nodes, 2 to 64. */
  nodes: number
  /** Milliseconds that everything sent takes to arrive. By default 0. */
  latencyMs?: number
  /** Storage options of every node. */
  storage?: StorageOptions
  /** Gets the lines of every node, each after the node's number. */
  logger?: Logger
}

/** Running nodes that are all connected to one another. */
export interface TestNetwork extends AsyncDisposable {
  readonly nodes: readonly DataNode[]
  /** Stops every node. */
  stop(): Promise<void>
}

/** Listening names of the memory transport are global to the process: each network needs its own. */
let networks = 0

/**
 * Starts nodes in this process, each with a new key and a repository in memory, every one connected to every other.
 *
 * @throws {@link index.InvalidArgumentError | InvalidArgumentError} when `nodes` is not a whole number from 2 to 64, or
 *   `latencyMs` not one of milliseconds
 */
export async function createTestNetwork (init: TestNetworkInit): Promise<TestNetwork> {
  checkObject(init, 'init')
  const { nodes: count, latencyMs = 0, storage = {}, logger } = init
  if (!Number.isInteger(count) || count < 2 || count > 64) {
    throw invalidArgument('nodes', 'a whole number from 2 to 64', count)
  }
  checkNumber(latencyMs, 'latencyMs', { min: 0, max: timerMsMax })
  checkOptional(logger, 'logger', 'function')
  const network = ++networks
  const addresses = Array.from({ length: count }, (_, i) => `/memory/datanode-${network}-${i}`)
  const nodes: RunningDataNode[] = []
  const stop = async (): Promise<void> => { await Promise.all(nodes.map(node => node.stop())) }
  try {
    for (const [i, address] of addresses.entries()) {
      nodes.push(new RunningDataNode(await buildComponents({
        home: ':memory:',
        storage,
        privateKey: 'generate',
        listen: [address],
        routers: addresses.filter(other => other !== address),
        ...(logger === undefined ? {} : { logger: line => { logger(`${i} ${line}`) } })
      }, { transports: [memory({ latency: latencyMs })] })))
    }
    await Promise.all(nodes.map(node => node.ready({ signal: AbortSignal.timeout(30_000) })))
  } catch (error) {
    await stop()
    throw error
  }
  return { nodes, stop, [Symbol.asyncDispose]: stop }
}
