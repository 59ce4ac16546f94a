/**
 * What peers may take of this node. Every one has a default that suits a router with a few thousand miners; a miner or an oracle,
 * which few others connect to, has no need of any.
 */
export interface PeerLimits {
  /**
   * Connections in all, by default 4,096. When they are taken, the stranger that has been idle longest goes for one that is new;
   * routers, peers of `peers.allow` and whoever transfers something stay. Each costs about 0.3 MiB of memory and a descriptor.
   */
  connections?: number
  /** Connections from one host, or one IPv6 network of 64 bits, by default 1,024: more than a quarter of all for none. */
  connectionsPerHost?: number
  /** New connections a second from one host, by default 100, counted over three: each costs some milliseconds of one core. */
  newConnectionsPerSecondPerHost?: number
  /** Streams of one protocol that one peer may have open, by default 32. They cost memory when their reader is slow. */
  streamsPerPeer?: number
  /**
   * Requests a second of one peer in all protocols, by default 1,000, and at once as many as in ten seconds. Beyond them it is
   * told to come back; when it goes on it loses its streams, and then its connections.
   */
  requestsPerSecondPerPeer?: number
  /** Milliseconds for which a peer that lost its connections is not let in again, by default 60,000. */
  refusalMs?: number
  /**
   * Answers with blocks that are given at the same time to all peers, by default 512. Others are told to come back, unless one
   * makes room whose peer reads nothing of it. Each holds up to 4 MiB, and all together `queuedBytes`.
   */
  answers?: number
  /** Answers that are given at the same time to one peer, by default 8; what else it asks waits. */
  answersPerPeer?: number
  /** Bytes that all answers read ahead of what was sent, by default 134,217,728, but for one block of each. */
  queuedBytes?: number
  /** Milliseconds for a peer to read on before what answers it, by either protocol, is given up, by default 120,000. */
  stallMs?: number
  /** Bytes that the answers to one peer read ahead, by default 16,777,216, but for one block of each. */
  queuedBytesPerPeer?: number
}
