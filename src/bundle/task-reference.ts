import { checkObject } from '../format/argument.ts'
import { parseAddress } from '../format/hex.ts'
import { parseUint256 } from '../format/uint256.ts'
import type { Uint256 } from '../interface/primitives.ts'
import type { NetworkSession, TaskReference } from '../interface/task.ts'

/** The name of a session alone: unknown fields of a manifest are no part of it. */
export function sessionOf ({ chainId, queue, sessionId }: NetworkSession): NetworkSession {
  return { chainId, queue, sessionId }
}

/**
 * Takes the name of a session from a host, the address in any case.
 *
 * @param name - what the host calls it, for the message
 * @throws {@link InvalidArgumentError} when it is not one
 */
export function parseSession (session: unknown, name: string): NetworkSession {
  checkObject(session, name)
  const { chainId, queue, sessionId } = session
  return {
    chainId: parseUint256(chainId, `${name}.chainId`),
    queue: parseAddress(queue as string),
    sessionId: parseUint256(sessionId, `${name}.sessionId`)
  }
}

/**
 * Takes the name of a task from a host, the address in any case.
 *
 * @throws {@link InvalidArgumentError} when it is not one
 */
export function parseTaskReference (task: unknown): TaskReference {
  const session = parseSession(task, 'task')
  return { ...session, taskId: parseUint256((task as TaskReference).taskId, 'task.taskId') }
}

/** The name of one task of a session. */
export function taskReference (session: NetworkSession, taskId: Uint256): TaskReference {
  return { ...sessionOf(session), taskId }
}

/** A task reference for messages; equal for equal tasks. */
export function taskText ({ chainId, queue, sessionId, taskId }: TaskReference): string {
  return `${chainId}:${queue}/${sessionId}/${taskId}`
}
