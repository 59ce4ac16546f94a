import fc from 'fast-check'
import { recoverTypedDataAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashTaskReference, statementDigest } from '../../../src/format/eip712.ts'
import { fromHex, toHex } from '../../../src/format/hex.ts'
import { signStatement, verifyStatement } from '../../../src/format/statement.ts'
import { proveInclusion } from '../../../src/merkle/inclusion.ts'
import { statementBody } from '../../format/arbitraries.ts'
import { at, readVectors } from '../../format/vectors.ts'
import { corrupt, numberedLog } from '../../merkle/trees.ts'
import { startAnvil } from '../../support/evm/anvil.ts'
import { deployVerifier } from '../../support/evm/verifier.ts'
import type { Hex } from 'viem'
import type { Statement, StatementBody } from '../../../src/interface/statement.ts'
import type { Anvil } from '../../support/evm/anvil.ts'
import type { ContractInclusion, Verifier } from '../../support/evm/verifier.ts'

const vectors = readVectors('statement') as {
  privateKey: Hex
  valid: { name: string, statement: Statement, taskHash: Hex, digest: Hex, signer: Hex }[]
  badSignatures?: { name: string, statement: Statement }[]
}
const account = privateKeyToAccount(vectors.privateKey)
const sizesMax = 64
const log = numberedLog(sizesMax + 1)

const typed = {
  domain: { name: 'cortensor-datanode', version: '1' },
  primaryType: 'Statement',
  types: {
    Statement: [
      { name: 'kind', type: 'string' }, { name: 'root', type: 'bytes32' }, { name: 'answers', type: 'bytes32' }, { name: 'task', type: 'bytes32' },
      { name: 'access', type: 'string' }, { name: 'salt', type: 'bytes32' }, { name: 'time', type: 'uint64' }
    ]
  }
} as const

type StatementMessage = Pick<StatementBody, 'kind' | 'root' | 'answers' | 'access' | 'salt'> & { task: Hex, time: bigint }

let anvil: Anvil
let verifier: Verifier

beforeAll(async () => {
  anvil = await startAnvil()
  verifier = await deployVerifier(anvil)
})

afterAll(async () => await anvil.stop())

/** What viem signs and recovers by. */
function message ({ kind, root, answers, task, access, salt, time }: StatementBody): StatementMessage {
  return { kind, root, answers, task: task === undefined ? `0x${'00'.repeat(32)}` : toHex(hashTaskReference(task)), access, salt, time: BigInt(time) }
}

async function inclusionOf (index: number, size: number): Promise<ContractInclusion> {
  const proof = (await proveInclusion(index, size, log)).map(toHex)
  return { entry: toHex(at(log.entries, index)), index, size, root: toHex(at(log.trees, size).root), proof }
}

test.each(vectors.valid)('this library, viem and the contract agree on digest and signer of: $name', async ({ statement, taskHash, digest, signer }) => {
  const { signature, ...body } = statement
  expect(await verifier.hashStatement(body)).toBe(digest)
  expect(toHex(statementDigest(body))).toBe(digest)
  if (body.task !== undefined) expect(await verifier.hashTask(body.task)).toBe(taskHash)
  expect(await verifier.verifyStatement(body, signature)).toBe(signer)
  expect(verifyStatement(statement).signer).toBe(signer)
  expect((await recoverTypedDataAddress({ ...typed, message: message(body), signature })).toLowerCase()).toBe(signer)
})

test('they agree on any statement', async () => {
  await fc.assert(fc.asyncProperty(statementBody, async body => {
    const statement = await signStatement(body, async hash => fromHex(await account.sign({ hash: toHex(hash) })))
    expect(await account.signTypedData({ ...typed, message: message(body) })).toBe(statement.signature)
    expect(await verifier.verifyStatement(body, statement.signature)).toBe(account.address.toLowerCase())
    expect(verifyStatement(statement).signer).toBe(account.address.toLowerCase())
  }), { numRuns: 40 })
})

test('a statement or a signature of which any byte is changed is not the signer\'s any more', async () => {
  const { statement, signer } = vectors.valid.find(({ statement: { task } }) => task !== undefined)!
  const { signature, ...body } = statement
  const accepted = async (changed: StatementBody, by: Hex): Promise<boolean> =>
    await verifier.verifyStatement(changed, by).then(found => found === signer, () => false)
  const flipped = (hex: Hex, index: number): Hex => toHex(fromHex(hex).map((byte, place) => place === index ? byte ^ 1 : byte))
  const indexes = (count: number): number[] => [...Array(count).keys()]
  expect(await accepted(body, signature)).toBe(true)
  const signatures = await Promise.all(indexes(65).map(async index => await accepted(body, flipped(signature, index))))
  const fields = await Promise.all((['root', 'answers', 'salt'] as const).flatMap(field =>
    indexes(32).map(async index => await accepted({ ...body, [field]: flipped(body[field], index) }, signature))))
  const others: StatementBody[] = [{ ...body, kind: `${body.kind}x` }, { ...body, access: body.access === 'anyone' ? 'restricted' : 'anyone' },
    { ...body, time: String(BigInt(body.time) ^ 1n) }, { ...body, task: { ...body.task!, taskId: String(BigInt(body.task!.taskId) ^ 1n) } }]
  const rest = await Promise.all(others.map(async changed => await accepted(changed, signature)))
  expect([...signatures, ...fields, ...rest].filter(Boolean)).toEqual([])
})

test('the contract refuses high s, other v, and what is no signature', async () => {
  const { statement: { signature, ...body } } = at(vectors.valid, 0)
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const [r, s, v] = [signature.slice(2, 66), BigInt(`0x${signature.slice(66, 130)}`), signature.slice(130)]
  const high = (order - s).toString(16).padStart(64, '0')
  const wrong: Hex[] = [`0x${r}${high}${v === '1b' ? '1c' : '1b'}`, `0x${signature.slice(2, 130)}00`, `0x${signature.slice(2, 130)}1d`, '0x',
    signature.slice(0, -2) as Hex, `${signature}00`, `0x${'00'.repeat(64)}1b`]
  for (const none of wrong) await expect(verifier.verifyStatement(body, none), none).rejects.toThrow('WrongSignature')
})

test(`the contract takes every inclusion proof of trees of up to ${sizesMax} entries, and none of another entry or tree`, async () => {
  for (let size = 1; size <= sizesMax; size++) {
    await Promise.all([...Array(size).keys()].map(async index => {
      const inclusion = await inclusionOf(index, size)
      const [entry, root] = [toHex(at(log.entries, (index + 1) % (size + 1))), toHex(at(log.trees, size - 1).root)]
      const tries = [inclusion, { ...inclusion, entry }, { ...inclusion, root }]
      expect(await Promise.all(tries.map(async one => await verifier.verifyInclusion(one)))).toEqual([true, false, false])
    }))
  }
})

test('the contract refuses proofs of which any hash is changed, missing or too many, and indexes that a tree has not', async () => {
  for (const [index, size] of [[0, 1], [0, 2], [2, 3], [6, 7], [20, 33], [63, 64]] as const) {
    const inclusion = await inclusionOf(index, size)
    const { proof } = inclusion
    const accepted = async (changed: Partial<ContractInclusion>): Promise<boolean> =>
      await verifier.verifyInclusion({ ...inclusion, ...changed }).catch(() => false)
    const one = toHex(at(log.entries, 0))
    const changed = await Promise.all([
      ...proof.map(async (hash, place) => await accepted({ proof: proof.with(place, toHex(corrupt(fromHex(hash)))) })),
      ...proof.map(async (_, place) => await accepted({ proof: proof.toSpliced(place, 1) })),
      ...[0, proof.length].map(async place => await accepted({ proof: proof.toSpliced(place, 0, one) })),
      accepted({ index: index ^ 1 }), accepted({ index: size }), accepted({ size: 0 })
    ])
    expect(changed.filter(Boolean)).toEqual([])
    expect(await accepted({})).toBe(true)
  }
})

test('prints the gas of each check', async () => {
  const { statement: { signature, ...statement } } = at(vectors.valid, 0)
  const rows = [{ op: 'verifyStatement', size: 1, gas: await verifier.gas({ statement, signature }) }]
  for (const size of [1, 2, 64]) rows.push({ op: 'verifyInclusion', size, gas: await verifier.gas(await inclusionOf(size - 1, size)) })
  const million = Array.from({ length: 20 }, () => toHex(at(log.entries, 0)))
  rows.push({ op: 'verifyInclusion', size: 2 ** 20, gas: await verifier.gas({ ...await inclusionOf(0, 1), size: 2 ** 20, proof: million }) })
  for (const row of rows) console.log(JSON.stringify({ ...row, gas: Number(row.gas) }))
  expect(rows.every(({ gas }) => gas > 21_000n && gas < 120_000n)).toBe(true)
})
