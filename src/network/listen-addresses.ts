import { ListenError } from '../errors.ts'
import { checkTexts, invalidArgument } from '../format/argument.ts'
import { parseMultiaddr } from './router-address.ts'

const portMax = 65_535

const wanted = `a port from 0 to ${portMax}, or an array of multiaddrs`

/**
 * The multiaddrs that a host's `listen` stands for: a port is one on all IPv4 interfaces, nothing is none.
 *
 * @throws {@link InvalidArgumentError} when it is neither a port nor multiaddrs
 */
export function listenAddresses (listen: number | readonly string[] | undefined): string[] {
  if (listen === undefined) {
    return []
  }
  if (typeof listen !== 'number') {
    const given: unknown = listen
    if (!Array.isArray(given)) throw invalidArgument('listen', wanted, given)
    checkTexts(listen, 'listen')
    return listen.map(address => parseMultiaddr(address).toString())
  }
  if (!Number.isInteger(listen) || listen < 0 || listen > portMax) {
    throw invalidArgument('listen', wanted, listen)
  }
  return [`/ip4/0.0.0.0/tcp/${listen}`]
}

/** What libp2p could not listen on, when that is what an error is about: it says so of each address on a line of its own. */
export function listenError (addresses: string[], cause: unknown): ListenError | undefined {
  if (!(cause instanceof Error) || cause.name !== 'UnsupportedListenAddressesError') {
    return undefined
  }
  const reasons = cause.message.split('\n').map(line => line.trim()).filter(line => line.startsWith('/'))
  return new ListenError(`Cannot listen: ${reasons.join('; ')}`, { addresses, cause })
}
