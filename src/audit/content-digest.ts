import { sha256 } from '@noble/hashes/sha2.js'
import { FileNotFoundError } from '../errors.ts'
import { toHex } from '../format/hex.ts'
import type { ResultBundle } from '../interface/bundle.ts'
import type { AbortOptions, Hex } from '../interface/primitives.ts'
import type { CID } from 'multiformats/cid'

/** The entries of a result that are its answer; manifest and logs differ between miners who agree. */
const answerEntries: readonly string[] = ['output.json', 'outputs']

/**
 * A digest over the answer of a result alone: SHA-256 of the lines `<name> <cid>`, in that order.
 *
 * @throws {@link FileNotFoundError} when there is no answer in it: those who say nothing do not agree
 */
export async function contentDigest (result: ResultBundle, options: AbortOptions = {}): Promise<Hex> {
  const found = new Map<string, CID>()
  for await (const { path, cid } of result.files('', options)) {
    if (answerEntries.includes(path)) found.set(path, cid)
    if (found.size === answerEntries.length) break
  }
  return digestOfAnswer(result.urn, found)
}

/**
 * The same by the entries of a result's own directory, by their names.
 *
 * @throws {@link FileNotFoundError} when there is no answer in it
 */
export function digestOfAnswer (urn: string, entries: ReadonlyMap<string, CID>): Hex {
  const lines = answerEntries.flatMap(name => {
    const cid = entries.get(name)
    return cid === undefined ? [] : [`${name} ${cid.toString()}\n`]
  })
  if (lines.length === 0) throw new FileNotFoundError(`${urn} has no ${answerEntries.join(' and no ')}: there is no answer in it`)
  return toHex(sha256(new TextEncoder().encode(lines.join(''))))
}
