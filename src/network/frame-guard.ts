/**
 * A yamux frame starts with 12 bytes: version (1), type (1), flags (2), stream id (4), length (4), big-endian. A frame of
 * type 0 is followed by `length` bytes of data, which the muxer gathers before it compares their number with the
 * stream's window. https://github.com/hashicorp/yamux/blob/master/spec.md
 */
import { InvalidMessageError } from '../errors.ts'
import { frameBytesMax } from '../limits.ts'
import type { MessageStream, StreamMuxerFactory } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

const headerBytes = 12
const typeOffset = 1
const lengthOffset = 8
const dataType = 0

/** Makes a yamux that ends a connection whose peer announces a frame larger than any window. */
export function guardFrames<Factory extends StreamMuxerFactory> (create: () => Factory): () => Factory {
  return () => {
    const factory = create()
    const createStreamMuxer = factory.createStreamMuxer.bind(factory)
    factory.createStreamMuxer = (connection) => {
      watchFrames(connection)
      return createStreamMuxer(connection)
    }
    return factory
  }
}

/** Registered before the muxer's own listener, and so called before it. */
function watchFrames (connection: MessageStream): void {
  const check = frameChecker()
  connection.addEventListener('message', ({ data }) => {
    const length = check(data)
    if (length !== undefined) {
      connection.abort(new InvalidMessageError(
        `A frame of ${length} bytes was announced, and ${frameBytesMax} is the most`, { limit: 'frameBytesMax', actual: length }))
    }
  })
}

/** Returns the length of the first frame that is too long. */
function frameChecker (): (data: Uint8Array | Uint8ArrayList) => number | undefined {
  const header = new DataView(new ArrayBuffer(headerBytes))
  let headerFilled = 0
  let dataLeft = 0
  return (data) => {
    for (const chunk of data instanceof Uint8Array ? [data] : data) {
      let offset = 0
      while (offset < chunk.byteLength) {
        if (dataLeft > 0) {
          const skipped = Math.min(dataLeft, chunk.byteLength - offset)
          offset += skipped
          dataLeft -= skipped
          continue
        }
        header.setUint8(headerFilled, chunk[offset] ?? 0)
        headerFilled++
        offset++
        if (headerFilled === headerBytes) {
          headerFilled = 0
          dataLeft = header.getUint8(typeOffset) === dataType ? header.getUint32(lengthOffset) : 0
          if (dataLeft > frameBytesMax) {
            return dataLeft
          }
        }
      }
    }
    return undefined
  }
}
