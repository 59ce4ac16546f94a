import { sha256 } from '@noble/hashes/sha2.js'
import { FileNotFoundError } from '../errors.ts'
import { toHex } from '../format/hex.ts'
import type { ResultBundle } from '../interface/bundle.ts'
import type { AbortOptions, Hex } from '../interface/primitives.ts'

/** The entries of a result that are its answer; manifest and logs differ between miners who agree. */
const answerEntries: readonly string[] = ['output.json', 'outputs']

/**
 * A digest over the answer of a result alone: SHA-256 of the lines `<name> <cid>`, in that order.
 *
 * @throws {@link FileNotFoundError} when there is no answer in it: those who say nothing do not agree
 */
export async function contentDigest (result: ResultBundle, options: AbortOptions = {}): Promise<Hex> {
  const lines = new Map<string, string>()
  for await (const entry of result.files('', options)) {
    if (answerEntries.includes(entry.path)) lines.set(entry.path, `${entry.path} ${entry.cid.toString()}\n`)
    if (lines.size === answerEntries.length) break
  }
  if (lines.size === 0) throw new FileNotFoundError(`${result.urn} has no ${answerEntries.join(' and no ')}: there is no answer in it`)
  const text = answerEntries.map(name => lines.get(name) ?? '').join('')
  return toHex(sha256(new TextEncoder().encode(text)))
}
