import { toHex } from '../format/hex.ts'
import { bitswapRefusalsPerPeerMax, bitswapWantsMax, bitswapWantsPerPeerMax, bitswapWantsPerPeerMin } from '../limits.ts'
import type { CID } from 'multiformats/cid'
import type { BitswapWant } from '../format/bitswap-message.ts'

/** A question that is to be answered. */
export interface PeerWant {
  readonly cid: CID
  readonly kind: 'block' | 'have'
  readonly sendDontHave: boolean
  /** The last want list in which it stood. */
  list: number
}

/** How a want is taken. */
export interface WantOptions {
  /** False when its peer asks too often. */
  isAdmitted?: boolean
}

/** How many wants of all peers are kept. */
export interface WantsTally {
  kept: number
}

/** What one peer wants of us, in the order in which it asked, and what it is to be told that there was no room for. */
export class PeerWants {
  readonly #tally: WantsTally
  readonly #wants = new Map<string, PeerWant>()
  readonly #refused = new Map<string, CID>()
  #list = 0

  constructor (tally: WantsTally) {
    this.#tally = tally
  }

  get isEmpty (): boolean {
    return this.#wants.size + this.#refused.size === 0
  }

  /** Takes an entry of a want list. A new want for which there is no room, or of a peer that asks too often, is refused. */
  add ({ cid, kind, sendDontHave }: BitswapWant, { isAdmitted = true }: WantOptions = {}): void {
    const name = toHex(cid.bytes)
    const known = this.#wants.get(name)
    if (kind === 'cancel') {
      this.#delete(name)
      this.#refused.delete(name)
    } else if (known !== undefined) {
      this.#repeat(name, known, { kind, sendDontHave })
    } else if (isAdmitted && this.#hasRoom) {
      this.#refused.delete(name)
      this.#wants.set(name, { cid, kind, sendDontHave, list: this.#list })
      this.#tally.kept++
    } else if (sendDontHave && this.#refused.size < bitswapRefusalsPerPeerMax) {
      this.#refused.set(name, cid)
    }
  }

  /** Ends a want list. A full one is all that is wanted. */
  endList (isFull: boolean): void {
    if (isFull) {
      for (const [name, { list }] of this.#wants) {
        if (list !== this.#list) this.#delete(name)
      }
    }
    this.#list++
  }

  /** Goes through the wants; what comes meanwhile is met as well. */
  [Symbol.iterator] (): Iterator<PeerWant> {
    return this.#wants.values()
  }

  /** Ends a want that is being answered, and tells whether it was still there. */
  finish (want: PeerWant): boolean {
    const name = toHex(want.cid.bytes)
    return this.#wants.get(name) === want && this.#delete(name)
  }

  /** Takes up to `count` of those that were refused. */
  takeRefused (count: number): CID[] {
    const taken = [...this.#refused].slice(0, count)
    for (const [name] of taken) this.#refused.delete(name)
    return taken.map(([, cid]) => cid)
  }

  clear (): void {
    this.#tally.kept -= this.#wants.size
    this.#wants.clear()
    this.#refused.clear()
  }

  /** Some are kept of each peer, whatever the others want. */
  get #hasRoom (): boolean {
    const { size } = this.#wants
    return size < bitswapWantsPerPeerMin || (size < bitswapWantsPerPeerMax && this.#tally.kept < bitswapWantsMax)
  }

  #delete (name: string): boolean {
    const isGone = this.#wants.delete(name)
    if (isGone) this.#tally.kept--
    return isGone
  }

  /** Who asks whether a block is there, and then for the block, wants the block, in the place of the first question. */
  #repeat (name: string, known: PeerWant, { kind, sendDontHave }: Pick<PeerWant, 'kind' | 'sendDontHave'>): void {
    known.list = this.#list
    const isMore = (kind === 'block' && known.kind === 'have') || (sendDontHave && !known.sendDontHave)
    if (!isMore) return
    this.#wants.set(name, {
      ...known, kind: known.kind === 'block' ? 'block' : kind, sendDontHave: known.sendDontHave || sendDontHave
    })
  }
}
