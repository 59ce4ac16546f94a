import { CID } from 'multiformats/cid'
import { checkObject, describeValue } from '../format/argument.ts'
import { readDelegation } from '../format/delegation.ts'
import { digestOf } from '../format/digest.ts'
import { parseAddress } from '../format/hex.ts'
import { parseReference } from '../format/reference.ts'
import { decodeStatement, verifyStatement } from '../format/statement.ts'
import { referenceCharactersMax, statementBytesMax } from '../limits.ts'
import { parseHash } from './check-hash.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { Address, Digest, Hex, Reference } from '../interface/primitives.ts'
import type { Claim, Verdict } from '../interface/verdict.ts'

/** A claim that can be judged. */
export interface ReadClaim {
  miner: Address
  ref: Reference
  cid: CID
  digest: Digest
  hash: Hex | undefined
  /** The statement that came with it, with whoever signed it. */
  said: SignedStatement | undefined
  /** The delegation that came with it. */
  delegations: readonly SignedDelegation[]
}

/** A claim with the verdict on it, as far as that is known. */
export interface OpenClaim {
  verdict: Verdict
  /** Undefined when it cannot be judged: then the verdict says why. */
  claim: ReadClaim | undefined
}

/** Reads a claim before anything is asked of anyone. Whatever it is, it never throws: then it is malformed. */
export function openClaim (value: unknown): OpenClaim {
  const verdict: Verdict = { miner: '' as Address, ref: '', status: 'ok', reason: '', elapsedMs: 0 }
  try {
    return { verdict, claim: readClaim(value, verdict) }
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new TypeError('the claim cannot be read')
    Object.assign(verdict, { status: 'malformed', reason: error.message, error })
    return { verdict, claim: undefined }
  }
}

/** Fills in the verdict as far as it gets. Each field is read once. */
function readClaim (value: unknown, verdict: Verdict): ReadClaim {
  const { miner: by, ref, hash, statement, delegation } = Object(value) as Claim
  verdict.miner = asText(by) as Address
  verdict.ref = asText(ref)
  checkObject(value, 'claim')
  const miner = parseAddress(by)
  verdict.miner = miner
  const { cid } = parseReference(ref)
  const digest = digestOf(cid)
  verdict.digest = digest
  const committed = hash === undefined ? undefined : parseHash(hash, 'hash')
  const said = statement === undefined ? undefined : readSaid(statement)
  if (said !== undefined) verdict.statements = [said]
  const delegations = delegation === undefined ? [] : [readDelegation(delegation)]
  return { miner, ref, cid, digest, hash: committed, said, delegations }
}

function readSaid (statement: NonNullable<Claim['statement']>): SignedStatement {
  if (typeof statement === 'string') {
    return verifyStatement(decodeStatement(new TextEncoder().encode(statement.slice(0, statementBytesMax + 1))))
  }
  return verifyStatement(statement instanceof Uint8Array ? decodeStatement(statement) : statement)
}

/** What was claimed, for the record: also when it is nothing that could be meant, or nothing that JSON can hold. */
function asText (value: unknown): string {
  const text = typeof value === 'string' ? value : CID.asCID(value)?.toString() ?? describeValue(value)
  return text.slice(0, referenceCharactersMax).toWellFormed()
}
