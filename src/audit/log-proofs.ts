import { DataNodeError, InvalidArgumentError, LimitExceededError } from '../errors.ts'
import { checkBytes, checkObject, invalidArgument } from '../format/argument.ts'
import { decodeAuditKey } from '../format/audit-key.ts'
import { parseAuditOrigin } from '../format/audit-origin.ts'
import { statementDigest } from '../format/eip712.ts'
import { decodeTlogProof } from '../format/tlog-proof.ts'
import { verifyCheckpoint } from '../format/verify-checkpoint.ts'
import { evidenceLogsMax } from '../limits.ts'
import { verifyInclusion } from '../merkle/inclusion.ts'
import type { EvidenceLog, LogProof } from '../interface/evidence.ts'
import type { Statement } from '../interface/statement.ts'

/** A proof that holds, and what it says. */
export interface CheckedLogProof extends LogProof {
  log: EvidenceLog
}

/**
 * Checks that a log has a statement: the log's node signed its audit key, that signed the checkpoint, and that commits to a tree
 * with the digest of the statement.
 *
 * @throws what {@link decodeTlogProof}, {@link decodeAuditKey}, {@link verifyCheckpoint} and {@link verifyInclusion} throw
 */
export function checkLogProof (statement: Statement, { proof, auditKey }: LogProof): CheckedLogProof {
  const { index, hashes, note } = decodeTlogProof(proof)
  const key = decodeAuditKey(auditKey)
  const { address } = parseAuditOrigin(key.origin)
  const { checkpoint: { origin, size, root }, digest } = verifyCheckpoint(note, { auditKey: key, address })
  verifyInclusion({ entry: statementDigest(statement), index, tree: { size, root } }, hashes)
  return { proof, auditKey, log: { address, origin, index, size, root, digest } }
}

/**
 * Checks the proofs that a host gave: each has to hold, and there is one for each node.
 *
 * @throws {@link InvalidArgumentError} when one does not, or two are of logs of one node
 * @throws {@link LimitExceededError} when there are more than 64
 */
export function checkLogProofs (statement: Statement, proofs: unknown): CheckedLogProof[] {
  if (!Array.isArray(proofs)) throw invalidArgument('proofs', 'an array of { proof, auditKey }', proofs)
  if (proofs.length > evidenceLogsMax) {
    throw new LimitExceededError(`${proofs.length} logs are more than the ${evidenceLogsMax} that evidence takes`,
      { limit: 'evidenceLogsMax', max: evidenceLogsMax, actual: proofs.length })
  }
  const checked = (proofs as unknown[]).map((given, at) => checkGiven(statement, given, `proofs[${at}]`))
  const addresses = checked.map(({ log: { address } }) => address)
  const twice = addresses.find((address, at) => addresses.indexOf(address) !== at)
  if (twice !== undefined) throw new InvalidArgumentError(`proofs has two of logs of ${twice}: evidence keeps one for each node`)
  return checked
}

function checkGiven (statement: Statement, given: unknown, name: string): CheckedLogProof {
  checkObject(given, name)
  const { proof, auditKey } = given
  checkBytes(proof, `${name}.proof`)
  checkBytes(auditKey, `${name}.auditKey`)
  try {
    return checkLogProof(statement, { proof, auditKey })
  } catch (cause) {
    if (!(cause instanceof DataNodeError)) throw cause
    throw new InvalidArgumentError(`${name} does not prove that a log has the statement of this evidence: ${cause.message}`, { cause })
  }
}
