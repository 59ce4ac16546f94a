import { hashTaskReference } from '../../src/format/eip712.ts'
import { toHex } from '../../src/format/hex.ts'
import type { AuditKeyBody } from '../../src/format/eip712.ts'
import type { DelegationBody } from '../../src/interface/delegation.ts'
import type { StatementBody } from '../../src/interface/statement.ts'
import type { TaskReference } from '../../src/interface/task.ts'

/** A message as wallets and other libraries take it. */
export interface TypedData {
  domain: { name: string, version: string }
  types: Record<string, { name: string, type: string }[]>
  primaryType: string
  message: Record<string, string>
}

/** From the text of the types in the head of `eip712.ts`, and from nothing else of ours. */
function typed (type: string, message: Record<string, string>): TypedData {
  const [, primaryType = '', fields = ''] = /^(\w+)\((.*)\)$/.exec(type) ?? []
  return {
    domain: { name: 'cortensor-datanode', version: '1' },
    types: { EIP712Domain: fieldsOf('string name,string version'), [primaryType]: fieldsOf(fields) },
    primaryType,
    message
  }
}

function fieldsOf (text: string): { name: string, type: string }[] {
  return text.split(',').map(field => field.split(' ')).map(([type = '', name = '']) => ({ name, type }))
}

export function taskTypedData ({ chainId, queue, sessionId, taskId }: TaskReference): TypedData {
  return typed('TaskReference(uint256 chainId,address queue,uint256 sessionId,uint256 taskId)', { chainId, queue, sessionId, taskId })
}

export function statementTypedData ({ kind, root, answers, task, access, salt, time }: StatementBody): TypedData {
  const taskHash = task === undefined ? `0x${'00'.repeat(32)}` : toHex(hashTaskReference(task))
  return typed('Statement(string kind,bytes32 root,bytes32 answers,bytes32 task,string access,bytes32 salt,uint64 time)',
    { kind, root, answers, task: taskHash, access, salt, time })
}

export function auditKeyTypedData ({ origin, ed25519PublicKey, time }: AuditKeyBody): TypedData {
  return typed('AuditKey(string origin,bytes32 ed25519PublicKey,uint64 time)', { origin, ed25519PublicKey, time })
}

export function delegationTypedDataOf ({ node, until, time }: DelegationBody): TypedData {
  return typed('Delegation(address node,uint64 until,uint64 time)', { node, until, time })
}
