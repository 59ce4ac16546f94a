import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { create as createMultihash } from 'multiformats/hashes/digest'
import { cidOf } from '../../src/format/digest.ts'
import { linksOf } from '../../src/format/dag-links.ts'
import { toHex } from '../../src/format/hex.ts'
import { branch, dagOf, leaf } from './dags.ts'
import type { BitswapMessage } from '../../src/format/bitswap-message.ts'
import type { Hex, JsonValue } from '../../src/interface/primitives.ts'
import type { StatementBody } from '../../src/interface/statement.ts'
import type { TaskReference } from '../../src/interface/task.ts'
import type { Block, Dag } from './dags.ts'
import type { Mutation } from './vectors.ts'

/** Bytes as lower-case hexadecimal. */
export const hexOf = (bytes: number): fc.Arbitrary<Hex> => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map(toHex)

/** Any uint256. */
export const uint256: fc.Arbitrary<string> = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map(String)

/** Any task reference. */
export const task: fc.Arbitrary<TaskReference> = fc.record({
  chainId: uint256, queue: hexOf(20), sessionId: uint256, taskId: uint256
})

/** The canonical text of any root. */
export const rootText: fc.Arbitrary<string> = hexOf(32).map((digest) => cidOf(digest).toString())

/** Any kind. */
export const kind: fc.Arbitrary<string> = fc.stringMatching(/^[!#-[\]-~]{1,64}$/).filter((text) => text !== 'unixfs')

/** Anything that a node may sign. */
export const statementBody: fc.Arbitrary<StatementBody> = fc.record({
  kind,
  root: hexOf(32),
  answers: hexOf(32),
  task,
  access: fc.constantFrom('anyone', 'restricted'),
  salt: hexOf(32),
  time: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)
}, { requiredKeys: ['kind', 'root', 'answers', 'access', 'salt', 'time'] })

/** JSON that the canonical form takes. */
export const json: fc.Arbitrary<JsonValue> = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' })
  .filter((value) => !JSON.stringify(value).includes('__proto__'))
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonValue)

/** A few changes to bytes. */
export const mutations: fc.Arbitrary<Mutation[]> = fc.array(fc.record({
  kind: fc.constantFrom('flip', 'insert', 'delete'),
  at: fc.nat(),
  byte: fc.oneof(fc.integer({ min: 1, max: 255 }), fc.constantFrom(1, 0x20, 0x22, 0x5c, 0x30))
}), { minLength: 1, maxLength: 3 })

/** DAGs of a few blocks in which subtrees are shared, links are repeated and leaves stand at any depth. */
export const dags: fc.Arbitrary<Dag> = fc.array(fc.array(fc.nat(), { maxLength: 4 }), { minLength: 1, maxLength: 7 }).map((links) => {
  const blocks: Block[] = [leaf('a'), leaf('b'), leaf('c')]
  links.forEach((targets, index) => {
    blocks.push(branch(targets.map(target => blocks[target % blocks.length] ?? leaf('a')), String(index)))
  })
  return dagOf(blocks.at(-1) ?? leaf('a'), reachable(blocks.slice(-1), blocks))
})

/** These blocks, and those of the others that can be reached from them. */
export function reachable (from: readonly Block[], blocks: readonly Block[]): Block[] {
  const byCid = new Map(blocks.map(block => [block.cid.toString(), block]))
  const found = new Map<string, Block>()
  const queue = [...from]
  for (let block = queue.pop(); block !== undefined; block = queue.pop()) {
    found.set(block.cid.toString(), block)
    for (const link of linksOf(block.cid, block.bytes)) {
      const next = byCid.get(link.toString())
      if (next !== undefined && !found.has(link.toString())) queue.push(next)
    }
  }
  return [...found.values()]
}

/** CIDs of either version, of blocks that bundles consist of and of others. */
export const cids: fc.Arbitrary<CID> = fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0x70, 0x55, 0x71),
  fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.constantFrom(0x12, 0x1b)
).map(([version, codec, digest, hash]) => version === 0
  ? CID.createV0(createMultihash(0x12, digest))
  : CID.createV1(codec, createMultihash(hash, digest)))

/** Any message of bitswap. The blocks do not hash to their CIDs. */
export const bitswapMessages: fc.Arbitrary<Required<BitswapMessage>> = fc.record({
  wants: fc.array(fc.record({ cid: cids, kind: fc.constantFrom('block', 'have', 'cancel'), sendDontHave: fc.boolean() }), { maxLength: 5 }),
  blocks: fc.array(fc.record({ cid: cids, bytes: fc.uint8Array({ maxLength: 300 }) }), { maxLength: 4 }),
  presences: fc.array(fc.record({ cid: cids, has: fc.boolean() }), { maxLength: 4 })
})
