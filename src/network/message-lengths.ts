import type { Uint8ArrayList } from 'uint8arraylist'

/** Bytes of the length in front of a message of Noise. */
const lengthBytes = 2
/** The most that two bytes can say. */
const longest = 0xffff

/**
 * Makes a connection that Noise has secured look for the length of its next message without an error, which it makes at the end
 * of everything that comes from the socket: its trace takes longer than to decrypt a message.
 *
 * There is no option for it: this is the one place that replaces a function of its decoder. Where that is not as expected,
 * nothing happens.
 *
 * @returns whether lengths are read so now
 */
export function readLengths (secured: object): boolean {
  if (!hasDecoder(secured)) return false
  secured.decoder.lengthDecoder = lengthOf
  return true
}

/** 16 bits, the high byte first. What has not come yet is waited for as the longest message. */
function lengthOf (bytes: Uint8ArrayList): number {
  if (bytes.byteLength < lengthBytes) return longest
  return bytes.get(0) << 8 | bytes.get(1)
}

/** What is used of a connection of `@chainsafe/libp2p-noise`. */
interface DecodingConnection {
  decoder: { lengthDecoder: (bytes: Uint8ArrayList) => number }
}

function hasDecoder (connection: object): connection is DecodingConnection {
  const { decoder }: { decoder?: { lengthDecoder?: unknown } } = connection
  return typeof decoder?.lengthDecoder === 'function'
}
