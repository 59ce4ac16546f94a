import type { Address } from '../interface/primitives.ts'
import type { ServedRoot } from '../interface/transfer.ts'

/** May this peer read it now? Nobody may while it is embargoed. A peer without an address reads only what anyone may. */
export function mayRead (served: ServedRoot, peer: Address | undefined): boolean {
  return !served.embargoed && (served.readers === 'anyone' || isNamedReader(served, peer))
}

/** Was this peer named as a reader? Of an embargo only such a peer is told. */
export function isNamedReader ({ readers }: ServedRoot, peer: Address | undefined): boolean {
  return readers !== 'anyone' && peer !== undefined && readers.includes(peer)
}
