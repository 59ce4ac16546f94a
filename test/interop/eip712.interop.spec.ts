import { hashStruct, hashTypedData, recoverTypedDataAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { beforeAll, describe, expect, it } from 'vitest'
import { recoverAddress, signDigest } from '../../src/format/address.ts'
import { verifyAuditKey } from '../../src/format/audit-key.ts'
import { verifyDelegation } from '../../src/format/delegation.ts'
import { auditKeyDigest, delegationDigest, hashTaskReference, statementDigest } from '../../src/format/eip712.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { verifyStatement } from '../../src/format/statement.ts'
import { readVectors } from '../format/vectors.ts'
import { askEthAccount, installEthAccount } from './eth-account.ts'
import { auditKeyTypedData, delegationTypedDataOf, statementTypedData, taskTypedData } from './typed-data.ts'
import type { AuditKey } from '../../src/format/audit-key.ts'
import type { Delegation } from '../../src/interface/delegation.ts'
import type { Address, Hex } from '../../src/interface/primitives.ts'
import type { Statement } from '../../src/interface/statement.ts'
import type { TaskReference } from '../../src/interface/task.ts'
import type { Answer } from './eth-account.ts'
import type { TypedData } from './typed-data.ts'

/** A message that is signed, as we and as others have it. */
interface Case {
  name: string
  typedData: TypedData
  digest: Hex
  signature: Hex
  signer: Address
  /** Who signed it, when this is the signature. */
  signerOf: (signature: Hex) => Address
  task?: TaskReference | undefined
}

const privateKey = `0x${'42'.repeat(32)}` as const
const account = privateKeyToAccount(privateKey)
const address = account.address.toLowerCase() as Address

const statements = (readVectors('statement') as { valid: { name: string, statement: Statement, signer: Address }[] }).valid
const auditKeys = (readVectors('audit-key') as { valid: { name: string, auditKey: AuditKey, signer: Address }[] }).valid
const delegations = (readVectors('delegation') as { valid: { name: string, delegation: Delegation, wallet: Address }[] }).valid

/** The address in the origin of an audit key is that of its signer, so that it can be signed by no other key. */
const originOf = (origin: string): string => origin.replace(/0x[0-9a-f]{40}/, address)

function ownCase (name: string, auditKey: AuditKey): Case {
  const digest = auditKeyDigest(auditKey)
  return {
    name: `audit key of the other account: ${name}`, typedData: auditKeyTypedData(auditKey), digest: toHex(digest), signer: address,
    signature: toHex(signDigest(digest, fromHex(privateKey))), signerOf: signature => verifyAuditKey({ ...auditKey, signature }).signer
  }
}

const cases: Case[] = [
  ...statements.map(({ name, statement, signer }) => ({
    name: `statement: ${name}`, typedData: statementTypedData(statement), digest: toHex(statementDigest(statement)), signer,
    signature: statement.signature, task: statement.task,
    signerOf: (signature: Hex) => verifyStatement({ ...statement, signature }).signer
  })),
  ...auditKeys.map(({ name, auditKey, signer }) => ({
    name: `audit key: ${name}`, typedData: auditKeyTypedData(auditKey), digest: toHex(auditKeyDigest(auditKey)), signer,
    signature: auditKey.signature, signerOf: (signature: Hex) => recoverAddress(auditKeyDigest(auditKey), fromHex(signature))
  })),
  ...auditKeys.map(({ name, auditKey }) => ownCase(name, { ...auditKey, origin: originOf(auditKey.origin) })),
  ...delegations.map(({ name, delegation, wallet }) => ({
    name: `delegation: ${name}`, typedData: delegationTypedDataOf(delegation), digest: toHex(delegationDigest(delegation)), signer: wallet,
    signature: delegation.signature, signerOf: (signature: Hex) => verifyDelegation({ ...delegation, signature }).wallet
  }))
]

describe('Python\'s eth-account', () => {
  let answers: Answer[]
  const tasks = statements.flatMap(({ statement: { task } }) => task === undefined ? [] : [task])
  let taskAnswers: Answer[]

  beforeAll(async () => {
    const python = await installEthAccount()
    answers = await askEthAccount(python, cases.map(({ typedData, signature }) => ({ typedData, signature, privateKey })))
    taskAnswers = await askEthAccount(python, tasks.map(task => ({ typedData: taskTypedData(task), privateKey })))
  })

  it('has the same digest of every vector, and finds the same signer', () => {
    expect(answers.map(({ digest, signer }) => ({ digest, signer }))).toEqual(cases.map(({ digest, signer }) => ({ digest, signer })))
  })

  it('has the same hash of every task', () => {
    expect(taskAnswers.map(({ structHash }) => structHash)).toEqual(tasks.map(task => toHex(hashTaskReference(task))))
  })

  it('signs what we accept as its own', () => {
    expect(cases.map(({ signerOf }, i) => signerOf(answers[i]?.signature ?? '0x'))).toEqual(cases.map(() => address))
  })

  it('makes the signatures that we make', () => {
    expect(answers.map(({ signature }) => signature)).toEqual(cases.map(({ digest }) => toHex(signDigest(fromHex(digest), fromHex(privateKey)))))
  })
})

describe('viem', () => {
  it.each(cases)('has the same digest and signer, and signs what we accept: $name', async ({ task, ...found }) => {
    const { typedData, digest, signature, signer, signerOf } = found
    expect(hashTypedData(typedData)).toBe(digest)
    expect((await recoverTypedDataAddress({ ...typedData, signature })).toLowerCase()).toBe(signer)
    const signed = await account.signTypedData(typedData)
    expect(signed).toBe(toHex(signDigest(fromHex(digest), fromHex(privateKey))))
    expect(signerOf(signed)).toBe(address)
    if (task === undefined) return
    const { types, primaryType, message } = taskTypedData(task)
    expect(hashStruct({ types, primaryType, data: message })).toBe(toHex(hashTaskReference(task)))
  })
})
