/** What is compared. */
export type Impl = 'datanode' | 'helia' | 'kubo-bitswap' | 'kubo-gateway' | 'raw-stream'

/** How to start the nodes of one process. */
export interface StartArgument {
  /** Directory for what is stored; without it nothing is kept on disk. */
  home?: string
  nodes: number
  /** Nodes of the serving side can be dialled. */
  listen: boolean
}

/** Where a node can be dialled: a multiaddr, or a URL. */
export type NodeAddress = string

/** One thing to fetch. */
export interface FetchItem {
  ref: string
  /** Bytes of its files. */
  payloadBytes: number
  /** Who has it. */
  from: readonly NodeAddress[]
}

/** Things to fetch at the same time. */
export interface FetchArgument {
  items: readonly FetchItem[]
  /** Whether the connection has to be made first. */
  isCold: boolean
  deadlineMs: number
  /** Reads the files from the others no faster than this, and stores nothing; only some implementations can. */
  readBytesPerSecond?: number
  /** Where counting takes time it is done only when it is asked for. */
  countWireBytes?: boolean
}

/** How one thing was fetched. */
export interface Fetched {
  /** Until it was complete, or given up. */
  ms: number
  /** Of its files; as far as is known when it was given up. */
  payloadBytes: number
  isComplete: boolean
  /** Why not. */
  failure?: string
}

/** How all of them were. */
export interface FetchReport {
  fetched: readonly Fetched[]
  /** 99th percentile of what events of the process had to wait, where that can be known. */
  lagP99Ms?: number
  /** Bytes that the process sent and received over TCP meanwhile, where they can be known. */
  wireBytes?: number
}

/** What a process with nodes of one implementation can be asked. */
export interface PeerCalls {
  start: (argument: StartArgument) => NodeAddress[]
  /** Returns how to name it when it is fetched. */
  publish: (argument: { node: number, seed: string, files: number, bytesEach: number }) => string
  fetch: (argument: FetchArgument) => FetchReport
}
