/**
 * An in-memory network of data nodes, for the unit tests of a host: the same code as in production over a
 * transport without sockets, with repositories that are gone afterwards.
 *
 * @packageDocumentation
 */
export { createTestNetwork } from './test-network.ts'
export type { TestNetwork, TestNetworkInit } from './test-network.ts'
