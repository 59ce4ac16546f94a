// Anybody, later: has a file of some KB, the root of a version, and no node.
import { readFile } from 'node:fs/promises'
import { verifyRow } from 'cortensor-datanode/verify'
import { next, say } from '../support/host.ts'
import type { Verified, VerifierStart } from './start.ts'

const { proof, root } = await next<VerifierStart>('start')
const bytes = await readFile(proof)
const startedAt = performance.now()
const { text, values } = verifyRow(bytes, root)
const ms = performance.now() - startedAt
const answer = values['answer'] as string

// a bit of the row is another one
const at = bytes.lastIndexOf(answer)
bytes[at] = (bytes[at] ?? 0) ^ 1
let refused = 'not at all'
try {
  verifyRow(bytes, root)
} catch (error) {
  refused = (error as Error).name
}
say('verified', { bytes: bytes.length, rowBytes: Buffer.byteLength(text), ms, answer, refused } satisfies Verified)
await next('stop')
