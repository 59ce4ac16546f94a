/**
 * CAR v1: blocks of a DAG one after the other (https://ipld.io/specs/transport/car/carv1/).
 *
 * ```
 * | varint n | header, n bytes | ( | varint m | CID | block, m - length of the CID bytes | )*
 * ```
 *
 * The header is dag-cbor `{ roots: [CID…], version: 1 }`, at most 1 KiB. What this library writes has exactly one root.
 * Varints, those of CIDs too, are in their shortest form. A section holds a binary CID of at most 64 bytes and a block of at
 * most 2 MiB. Sections without a CID, such as padding with zeros, are refused, and so is whatever ends inside a header or
 * section.
 *
 * The decoder does not hash: whoever asked for a block checks it.
 */
import { decode } from '@ipld/dag-cbor'
import { CID } from 'multiformats/cid'
import { InvalidMessageError } from '../errors.ts'
import { CarSections, oneRootOf } from './car-sections.ts'

/** Reads a CAR with any header, in pieces of any size, and holds at most one block of it. */
export class CarDecoder extends CarSections {
  constructor () {
    super(decodeRoots)
  }
}

function decodeRoots (bytes: Uint8Array): readonly CID[] {
  const one = oneRootOf(bytes)
  if (one !== undefined) return [one]
  const header = decodeHeader(bytes)
  if (header === null || typeof header !== 'object' || !('version' in header)) {
    throw new InvalidMessageError('The header of a CAR has no version and roots')
  }
  // Version 2 starts with a header that says so and no more.
  if (header.version !== 1) {
    throw new InvalidMessageError(
      `A CAR of version ${String(header.version)} is not read: export it as version 1, or take that out of it (car get-dag)`,
      { version: String(header.version) })
  }
  if (!('roots' in header)) throw new InvalidMessageError('The header of a CAR has no version and roots')
  const { roots } = header
  if (!Array.isArray(roots)) throw new InvalidMessageError('The roots of a CAR are not a list')
  return roots.map((root: unknown) => {
    const cid = CID.asCID(root)
    if (cid === null) throw new InvalidMessageError('A root of a CAR is not a CID')
    return cid
  })
}

function decodeHeader (bytes: Uint8Array): unknown {
  try {
    return decode<unknown>(bytes)
  } catch (cause) {
    throw new InvalidMessageError('The header of a CAR is not dag-cbor', { cause })
  }
}
