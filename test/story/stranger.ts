import { AnswerReader } from '../../src/format/message-reader.ts'
import { dagProtocol, encodeRequest } from '../../src/format/messages.ts'
import { CarDecoder } from '../../src/format/car.ts'
import { toHex } from '../../src/format/hex.ts'
import { concat } from '../../src/format/protobuf.ts'
import { matchesCid } from '../../src/store/block-key.ts'
import { StreamReader } from '../../src/transfer/stream-reader.ts'
import { BitswapPeer, wantOf } from '../network/bitswap-peer.ts'
import type { CID } from 'multiformats/cid'
import type { BitswapWant } from '../../src/format/bitswap-message.ts'
import type { DagRequest } from '../../src/format/messages.ts'
import type { Bundle } from '../../src/interface/bundle.ts'
import type { DataNode } from '../../src/interface/data-node.ts'

const late = (): Error => new Error('late')

/** Every way to ask for a DAG, as far as the answer could differ. */
const requests: readonly Partial<DagRequest>[] = [
  {}, { mode: 'inner' }, { mode: 'block' }, { from: [0], to: [1] }, { from: [7, 7], since: [7] }, { enoughBytes: 1 }
]

/** A peer that nobody knows, in memory, with all that it was sent as it came. */
export class Stranger {
  readonly #peer: BitswapPeer

  private constructor (peer: BitswapPeer) {
    this.#peer = peer
  }

  /** Starts one and connects it to a node. It ends with the test. */
  static async start (name: string, node: DataNode): Promise<Stranger> {
    const peer = await BitswapPeer.start(name)
    await peer.connect(node.multiaddrs[0] ?? '')
    return new Stranger(peer)
  }

  /** Bytes of the answers of the DAG protocol to every kind of request. */
  async askForDag (root: CID): Promise<string[]> {
    const [connection] = this.#peer.libp2p.getConnections()
    if (connection === undefined) throw new Error('It is not connected any more')
    const stream = await connection.newStream(dagProtocol)
    const pieces = new StreamReader(stream)
    const answers: string[] = []
    for (const change of requests) {
      stream.send(encodeRequest({ root, mode: 'all', from: [], to: undefined, since: [], ...change }))
      answers.push(toHex(await readAnswer(pieces)))
    }
    await stream.close()
    return answers
  }

  /**
   * What bitswap says of each block, with its CID left out: to a want for the block, for a presence, and each without asking to
   * be told that it is not there. `known` is a block that the node gives: when that is there, so is what was said before it.
   */
  async askForBlocks (cids: readonly CID[], known: CID): Promise<string[]> {
    const said: string[] = []
    for (const cid of cids) {
      for (const want of [wantOf(cid), wantOf(cid, 'have'), wantOf(cid, 'block', false), wantOf(cid, 'have', false)]) {
        said.push(...await this.#ask(want, known))
      }
    }
    return said
  }

  async #ask (want: BitswapWant, known: CID): Promise<string[]> {
    // Wants are answered in their order.
    await this.#peer.send({ wants: [want, wantOf(known)] })
    await this.#peer.until(() => this.#peer.blocks.some(bytes => matchesCid(known, bytes)))
    await this.#peer.send({ wants: [wantOf(known, 'have')] })
    await this.#peer.until(() => this.#peer.presences.includes(`has ${known.toString()}`))
    await this.#peer.send({ wants: [wantOf(want.cid, 'cancel')] })
    return this.#peer.parts.splice(0).flatMap(part => {
      const asked = `${want.kind}${want.sendDontHave ? '' : ' quietly'}`
      if (part.type === 'presence') return part.presence.cid.equals(known) ? [] : [`${asked}: ${part.presence.has ? 'has' : 'lacks'}`]
      return part.type === 'block' && !matchesCid(known, part.bytes) ? [`${asked}: a block`] : []
    })
  }
}

/** CIDs of every block of a bundle. */
export async function blocksOf (bundle: Bundle): Promise<CID[]> {
  const car = new CarDecoder()
  return car.push(Buffer.concat(await Array.fromAsync(bundle.exportCar()))).map(({ cid }) => cid)
}

/** How each of those who were asked ended a fetch that failed. */
export async function outcomesOf (fetching: Promise<unknown>): Promise<string[]> {
  const failed: unknown = await fetching.then(() => undefined, (error: unknown) => error)
  const { name, details } = failed as { name: string, details: { attempts?: { outcome: string }[] } }
  return [name, ...new Set((details.attempts ?? []).map(({ outcome }) => outcome))]
}

/** Bytes of one answer to its end, or of a refusal. */
async function readAnswer (pieces: StreamReader): Promise<Uint8Array> {
  const reader = new AnswerReader()
  const bytes: Uint8Array[] = []
  for (;;) {
    const piece = await pieces.next(5_000, late)
    if (piece === undefined) throw new Error('The stream ended')
    bytes.push(piece)
    for (const answer of reader.read(piece)) {
      if (answer.type === 'end' || (answer.type === 'header' && answer.header.status !== 'ok')) return concat(bytes)
    }
  }
}
