/** Messages of bitswap 1.2.0 (https://specs.ipfs.tech/bitswap-protocol/), also such as nobody should send. */
import { CID } from 'multiformats/cid'
import { concat, encodeBytesField, encodeNumberField, readFields } from '../../src/format/protobuf.ts'
import { encodeVarint, readFieldVarint } from '../../src/format/varint.ts'
import type { Connection, Stream } from '@libp2p/interface'
import { openStream } from './adversary.ts'
import type { HostileHandler } from './adversary.ts'

export const bitswapProtocol = '/ipfs/bitswap/1.2.0'

/** Four bytes say what kind of CID a block has: version, codec, hash, and bytes of the digest. */
export type Prefix = readonly [version: number, codec: number, hash: number, digestBytes: number]

/** A message with its length in front. */
export function message (...fields: readonly Uint8Array[]): Uint8Array {
  const bytes = concat(fields)
  return concat([encodeVarint(bytes.length), bytes])
}

/** A block in answer to a want; its CID follows from what is sent. */
export function blockField (bytes: Uint8Array, prefix: Prefix = [1, 0x70, 0x12, 32]): Uint8Array {
  return concat(encodeBytesField(3, concat([...encodeBytesField(1, concat(prefix.map(encodeVarint))), ...encodeBytesField(2, bytes)])))
}

/** Says that the block is there, or that it is not. */
export function presenceField (cid: CID, isThere: boolean): Uint8Array {
  return concat(encodeBytesField(4, concat([...encodeBytesField(1, cid.bytes), ...encodeNumberField(2, isThere ? 0 : 1)])))
}

/** Wants these blocks, or whether they are there. */
export function wantsField (cids: Iterable<Uint8Array>, { isHave = false }: { isHave?: boolean } = {}): Uint8Array {
  const entries = Array.from(cids, cid => concat(encodeBytesField(1, concat([
    ...encodeBytesField(1, cid), ...encodeNumberField(2, 1), ...encodeNumberField(4, isHave ? 1 : 0), ...encodeNumberField(5, 1)
  ]))))
  return concat(encodeBytesField(1, concat(entries)))
}

/** CIDs that are wanted in messages that came on one stream, as soon as each message is complete. */
export class WantReader {
  #bytes: Uint8Array = new Uint8Array()

  push (piece: Uint8Array): CID[] {
    this.#bytes = concat([this.#bytes, piece])
    const wants: CID[] = []
    for (;;) {
      const end = endOf(this.#bytes)
      if (end === undefined || end.next + end.value > this.#bytes.length) return wants
      wants.push(...wantsIn(this.#bytes.subarray(end.next, end.next + end.value)))
      this.#bytes = this.#bytes.subarray(end.next + end.value)
    }
  }
}

/** Takes wants on any number of streams, and does something on a stream of its own for each message that has some. */
export function answersWants (answer: (wants: readonly CID[], stream: Stream) => void | Promise<void>): HostileHandler {
  return (stream, connection: Connection) => {
    const reader = new WantReader()
    stream.addEventListener('message', ({ data }) => {
      const wants = reader.push(data.subarray())
      if (wants.length > 0) void openStream(connection, bitswapProtocol).then(async own => answer(wants, own)).catch(() => {})
    })
  }
}

function endOf (bytes: Uint8Array): { value: number, next: number } | undefined {
  try {
    return readFieldVarint(bytes, 0)
  } catch {
    return undefined
  }
}

function * wantsIn (bytes: Uint8Array): Generator<CID> {
  for (const { number, bytes: list } of readFields(bytes)) {
    if (number !== 1 || list === undefined) continue
    for (const { number, bytes: entry } of readFields(list)) {
      if (number !== 1 || entry === undefined) continue
      const fields = [...readFields(entry)]
      const cid = fields.find(({ number }) => number === 1)?.bytes
      const isCancel = fields.some(({ number, value }) => number === 3 && value === 1)
      if (cid !== undefined && !isCancel) yield CID.decode(new Uint8Array(cid))
    }
  }
}
