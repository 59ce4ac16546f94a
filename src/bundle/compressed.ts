import { InvalidMessageError } from '../errors.ts'

/** How compressed files start. No CAR does: its second byte is that of a map in dag-cbor. */
const formats: readonly { name: string, start: readonly number[], command: string }[] = [
  { name: 'gzip', start: [0x1f, 0x8b], command: 'gunzip' },
  { name: 'Zstandard', start: [0x28, 0xb5, 0x2f, 0xfd], command: 'unzstd' }
]

/** @throws {@link InvalidMessageError} when these are the first bytes of a compressed file */
export function checkUncompressed (start: Uint8Array): void {
  const found = formats.find(format => format.start.every((byte, index) => start[index] === byte))
  if (found === undefined) return
  throw new InvalidMessageError(`The CAR is compressed with ${found.name}: decompress it first (${found.command})`,
    { compression: found.name })
}
