import { startChild } from './child.ts'
import { kuboClient, kuboServer } from './kubo.ts'
import { forgetPeak, memoryOf } from './memory.ts'
import type { Content } from './content.ts'
import type { Memory } from './memory.ts'
import type { FetchArgument, FetchReport, Impl, NodeAddress, PeerCalls } from './peer.ts'
import type { Scope } from './scope.ts'

/** Nodes of one implementation in processes of their own. */
export interface Peer {
  /** One a node. */
  readonly addresses: readonly NodeAddress[]
  publish(node: number, content: Content): Promise<string>
  fetch(argument: FetchArgument): Promise<FetchReport>
  /** Of the process; of the largest, where there are several. */
  memory(): Promise<Memory>
  forgetPeak(): Promise<void>
  stop(): Promise<void>
}

/** Something that is compared. */
export interface Implementation {
  impl: Impl
  /** Whether what was fetched is held on disk afterwards: the ways in which it can be measured. */
  stored: readonly boolean[]
  /** Starts nodes that publish. The options are for Node.js, where that is what runs them. */
  server: (scope: Scope, nodes: number, nodeOptions?: readonly string[]) => Promise<Peer>
  /** Starts a node that fetches. */
  client: (scope: Scope, stored: boolean) => Promise<Peer>
}

/** All that can be compared here, in the order of the tables. */
export function implementations (only: readonly string[] | undefined): Implementation[] {
  // Helia writes without waiting for the disk, and is no faster without one.
  const all = [ofProgram('datanode', [true, false]), ofProgram('raw-stream', [false]), ofProgram('helia', [true]), ...kubo(process.env['KUBO'])]
  const unknown = only?.find(name => !impls.includes(name))
  if (unknown !== undefined) throw new RangeError(`${unknown} is none of ${impls.join(', ')}`)
  return all.filter(({ impl }) => only?.includes(impl) ?? true)
}

const impls: readonly string[] = ['datanode', 'raw-stream', 'helia', 'kubo-bitswap', 'kubo-gateway'] satisfies Impl[]

function ofProgram (impl: Impl, stored: readonly boolean[]): Implementation {
  return {
    impl,
    stored,
    server: async (scope, nodes, nodeOptions) =>
      startPeer(scope, impl, { home: await scope.directory(impl), nodes, listen: true }, nodeOptions),
    client: async (scope, stored) => startPeer(scope, impl, {
      ...(stored ? { home: await scope.directory(impl) } : {}), nodes: 1, listen: false
    })
  }
}

function kubo (binary: string | undefined): Implementation[] {
  if (binary === undefined || binary === '') return []
  return [
    {
      impl: 'kubo-bitswap',
      stored: [true],
      server: async (scope, nodes) => kuboServer(scope, binary, nodes, 'swarm'),
      client: async scope => kuboClient(scope, binary)
    },
    {
      impl: 'kubo-gateway',
      stored: [true, false],
      server: async (scope, nodes) => kuboServer(scope, binary, nodes, 'gateway'),
      client: async (scope, stored) => startPeer(scope, 'gateway', {
        ...(stored ? { home: await scope.directory('gateway') } : {}), nodes: 1, listen: false
      })
    }
  ]
}

async function startPeer (
  scope: Scope, program: string, argument: { home?: string, nodes: number, listen: boolean }, nodeOptions?: readonly string[]
): Promise<Peer> {
  const child = startChild<PeerCalls>(scope, `peers/${program}.ts`, nodeOptions)
  const addresses = await child.call('start', argument)
  return {
    addresses,
    publish: async (node, content) => child.call('publish', { node, ...content }),
    fetch: async fetch => child.call('fetch', fetch),
    memory: async () => memoryOf(child.pid),
    forgetPeak: async () => forgetPeak(child.pid),
    stop: child.stop
  }
}
