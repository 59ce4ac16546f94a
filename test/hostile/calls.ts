/** What came of a call that may fail. */
export interface Outcome {
  ms: number
  /** Bytes that were read, where it read something. */
  bytes?: number
  /** Why not; absent when it worked. */
  error?: CallError
  /** Providers that failed meanwhile, and why. */
  failed: readonly { provider: string, reason: string }[]
}

/** An error as its caller saw it. */
export interface CallError {
  name: string
  message: string
  /** True for an error of the library. */
  isTyped: boolean
  /** Whom it names. */
  peer?: string
  /** Peers that were asked, and how each one ended. */
  attempts: readonly { provider: string, outcome: string, reason: string }[]
}

/** How to fetch. */
export interface FetchArgument {
  ref: string
  providers: readonly string[]
  stallTimeoutMs?: number
  bytesMax?: number
}

/** What to publish. `later` is a result that is not revealed; its bundle has no files. */
export interface PublishArgument {
  seed: string
  files: number
  bytesEach: number
  readers: 'anyone' | 'nobody' | 'later'
}

/** What a node has on disk. */
export interface Stored {
  roots: readonly string[]
  /** Files of the repository but for its index. */
  files: readonly string[]
}

/** What a process did while it was watched. */
export interface Watched {
  /** Bytes in use after a collection of garbage, the most that was seen above those at the start. */
  peakBytes: number
  /** The longest that work of the process itself held its event loop up. */
  lagMs: number
  /** What a piece of work takes that is always the same: how fast this machine is. */
  controlMs: number
}

/** What a node in a process of its own can be asked. */
export interface NodeCalls {
  start: (argument: { home: string }) => { address: string, peerId: string, at: string }
  publish: (argument: PublishArgument) => { cid: string, bytes: number }
  /** Publishes a row of `badTasks`, which no message could carry. */
  publishBad: (argument: { what: string }) => Outcome
  publishPath: (argument: { path: string }) => Outcome
  exportCar: (argument: { ref: string, path: string }) => undefined
  importCar: (argument: { path: string, readers: 'anyone' | 'nobody', stallTimeoutMs?: number, bytesMax?: number }) => Outcome
  /** Fetches it as a whole, and stores it. */
  fetch: (argument: FetchArgument) => Outcome
  /** Opens it and reads a file of it, without storing it. */
  read: (argument: FetchArgument & { path: string }) => Outcome
  /** Reads and hashes everything that is stored of it; how many blocks are damaged. */
  damaged: (argument: { ref: string }) => number
  /** Removes what is not held by anybody else. */
  forget: (argument: { refs: readonly string[] }) => undefined
  stored: (argument: object) => Stored
  /** From here on memory and event loop are watched. */
  watch: (argument: object) => undefined
  /** Bytes in use above those at the start of watching, after a collection of garbage. */
  growth: (argument: object) => number
  watched: (argument: object) => Watched
  /** Open connections of the node, and open descriptors of the process. */
  open: (argument: object) => { connections: number, descriptors: number }
}
