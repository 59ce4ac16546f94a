/**
 * Values of the index: `CRC-32 of key and value (4 bytes, big-endian) | value`. LevelDB does not check its tables when it reads
 * them; a value that is not what was written counts as lost, and what is lost is made again from the files.
 */
import { crc32 } from 'node:zlib'

const checkBytes = 4

/** Puts the check in front of a value. */
export function seal (key: string, value: Uint8Array): Uint8Array {
  const sealed = Buffer.allocUnsafe(checkBytes + value.byteLength)
  sealed.writeUInt32BE(crc32(value, crc32(key)))
  sealed.set(value, checkBytes)
  return sealed
}

/** Takes the value out; undefined when it is not what was written under this key. */
export function unseal (key: string, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.byteLength < checkBytes) return undefined
  const value = new Uint8Array(sealed.buffer, sealed.byteOffset + checkBytes, sealed.byteLength - checkBytes)
  const check = new DataView(sealed.buffer, sealed.byteOffset).getUint32(0)
  return check === crc32(value, crc32(key)) ? value : undefined
}
