import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashStruct, hashTypedData } from 'viem'
import { InvalidArgumentError } from '../../src/errors.ts'
import { auditKeyDigest, hashTaskReference, statementDigest } from '../../src/format/eip712.ts'
import type { AuditKeyBody } from '../../src/format/eip712.ts'
import { toHex } from '../../src/format/hex.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import type { Statement, StatementBody } from '../../src/interface/statement.ts'
import type { TaskReference } from '../../src/interface/task.ts'
import { hexOf, statementBody, task } from './arbitraries.ts'
import { at, errorOf, readVectors } from './vectors.ts'

const vectors = readVectors('statement') as {
  valid: { name: string, statement: Statement, taskHash: Hex, digest: Hex }[]
  auditKeys: { body: AuditKeyBody, digest: Hex }[]
}

const domain = { name: 'cortensor-datanode', version: '1' } as const
const types = {
  EIP712Domain: [{ name: 'name', type: 'string' }, { name: 'version', type: 'string' }],
  TaskReference: [
    { name: 'chainId', type: 'uint256' }, { name: 'queue', type: 'address' }, { name: 'sessionId', type: 'uint256' }, { name: 'taskId', type: 'uint256' }
  ],
  Statement: [
    { name: 'kind', type: 'string' }, { name: 'root', type: 'bytes32' }, { name: 'answers', type: 'bytes32' }, { name: 'task', type: 'bytes32' },
    { name: 'access', type: 'string' }, { name: 'salt', type: 'bytes32' }, { name: 'time', type: 'uint64' }
  ],
  AuditKey: [{ name: 'origin', type: 'string' }, { name: 'ed25519PublicKey', type: 'bytes32' }, { name: 'time', type: 'uint64' }]
} as const

const reference: TaskReference = { chainId: '1', queue: `0x${'00'.repeat(20)}`, sessionId: '1', taskId: '0' }

const viemTaskHash = ({ chainId, queue, sessionId, taskId }: TaskReference): Hex => hashStruct({
  primaryType: 'TaskReference', types,
  data: { chainId: BigInt(chainId), queue, sessionId: BigInt(sessionId), taskId: BigInt(taskId) }
})

describe('hashTaskReference', () => {
  it.each(vectors.valid)('hashes the task of: $name', ({ statement: { task }, taskHash }) => {
    expect(toHex(task === undefined ? new Uint8Array(32) : hashTaskReference(task))).toBe(taskHash)
  })

  it('agrees with viem', () => {
    fc.assert(fc.property(task, (reference) => {
      expect(toHex(hashTaskReference(reference))).toBe(viemTaskHash(reference))
    }))
  })

  it.each([{ chainId: '01' }, { queue: '0x00' }, { queue: `0x${'AB'.repeat(20)}` }, { sessionId: (2n ** 256n).toString() }, { taskId: '' }])(
    'refuses %o', (change) => {
      expect(() => hashTaskReference({ ...reference, ...change } as TaskReference)).toThrow(InvalidArgumentError)
    })
})

describe('statementDigest', () => {
  it.each(vectors.valid)('digests: $name', ({ statement, digest }) => {
    expect(toHex(statementDigest(statement))).toBe(digest)
  })

  it('agrees with viem', () => {
    fc.assert(fc.property(statementBody, (body) => {
      const taskHash = body.task === undefined ? toHex(new Uint8Array(32)) : viemTaskHash(body.task)
      const message = { ...body, time: BigInt(body.time), task: taskHash }
      expect(toHex(statementDigest(body))).toBe(hashTypedData({ domain, types, primaryType: 'Statement', message }))
    }))
  })

  it('differs when any field does', () => {
    const body: StatementBody = { kind: 'task', root: `0x${'01'.repeat(32)}`, answers: `0x${'02'.repeat(32)}`, access: 'anyone', salt: `0x${'03'.repeat(32)}`, time: '1' }
    const changes: Partial<StatementBody>[] = [
      {}, { kind: 'tasks' }, { root: body.answers }, { answers: body.root }, { access: 'restricted' }, { salt: body.root }, { time: '2' }, { task: reference },
      { task: { ...reference, chainId: '2' } }, { task: { ...reference, queue: `0x${'01'.repeat(20)}` } }, { task: { ...reference, sessionId: '2' } }, { task: { ...reference, taskId: '2' } }
    ]
    expect(new Set(changes.map((change) => toHex(statementDigest({ ...body, ...change })))).size).toBe(changes.length)
  })

  it('takes a time below 2^64 and not 2^64', () => {
    const { statement } = at(vectors.valid, 0)
    expect(statementDigest({ ...statement, time: (2n ** 64n - 1n).toString() })).toHaveLength(32)
    expect(errorOf(() => statementDigest({ ...statement, time: (2n ** 64n).toString() })).message)
      .toBe('time is "18446744073709551616", which is not a uint64 as a decimal string')
  })
})

describe('auditKeyDigest', () => {
  it.each(vectors.auditKeys)('digests $body', ({ body, digest }) => {
    expect(toHex(auditKeyDigest(body))).toBe(digest)
  })

  it('agrees with viem', () => {
    const seconds = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), hexOf(32), seconds, (origin, ed25519PublicKey, time) => {
      expect(toHex(auditKeyDigest({ origin, ed25519PublicKey, time: time.toString() })))
        .toBe(hashTypedData({ domain, types, primaryType: 'AuditKey', message: { origin, ed25519PublicKey, time } }))
    }))
  })

  it('refuses an origin with a lone surrogate, which two texts could share', () => {
    expect(() => auditKeyDigest({ origin: '\ud800', ed25519PublicKey: `0x${'00'.repeat(32)}`, time: '0' })).toThrow(InvalidArgumentError)
  })
})
