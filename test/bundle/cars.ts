import { createHash } from 'node:crypto'
import { CarWriter } from '@ipld/car'
import { CID } from 'multiformats/cid'
import { create as createMultihash } from 'multiformats/hashes/digest'
import { all } from './dags.ts'
import type { TestDag } from './dags.ts'

/** A block as it goes into a CAR. */
export interface Section {
  cid: CID
  bytes: Uint8Array
}

/** Writes a CAR with these roots and sections, by other code than the library's. */
export async function carOf (roots: readonly CID[], sections: readonly Section[]): Promise<Buffer> {
  const { writer, out } = CarWriter.create([...roots])
  const pieces = all(out)
  for (const section of sections) await writer.put(section)
  await writer.close()
  return Buffer.concat(await pieces)
}

/** Every block of a test DAG, in the order in which they were made. */
export function sectionsOf (dag: TestDag): Section[] {
  return [...dag.blocks].map(([cid, bytes]) => ({ cid: CID.parse(cid), bytes }))
}

/** A raw block that is linked by nothing. */
export function strayBlock (content: Uint8Array | string, hash = 0x12): Section {
  const bytes = new Uint8Array(Buffer.from(content))
  return { cid: CID.createV1(0x55, createMultihash(hash, createHash('sha256').update(bytes).digest())), bytes }
}

/** Cuts bytes into pieces of this length. */
export function cut (bytes: Uint8Array, pieceBytes: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.byteLength / pieceBytes) }, (_, index) => bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes))
}
