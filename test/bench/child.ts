import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ChildProcess } from 'node:child_process'
import type { Scope } from './scope.ts'

/** A process that answers calls. */
export interface Child<C> {
  readonly pid: number
  call<K extends keyof C>(name: K, argument: Argument<C[K]>): Promise<Result<C[K]>>
  /** Ends it before its scope does. */
  stop(): Promise<void>
}

type Argument<F> = F extends (argument: infer A) => unknown ? A : never
type Result<F> = F extends (argument: never) => infer R ? R : never

interface Reply {
  id: number
  result?: unknown
  error?: string
}

const stopTimeoutMs = 10_000

/** Starts a program of this folder that answers calls, with options for Node.js itself. */
export function startChild<C> (scope: Scope, program: string, nodeOptions: readonly string[] = []): Child<C> {
  const child = spawn(process.execPath, [...nodeOptions, join(import.meta.dirname, program)], { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let calls = 0
  const exited = once(child, 'exit').then(([code]) => {
    for (const { reject } of waiting.values()) reject(new Error(`${program} ended with ${String(code)}`))
    waiting.clear()
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const reply = JSON.parse(line) as Reply
    const call = waiting.get(reply.id)
    waiting.delete(reply.id)
    if (reply.error === undefined) call?.resolve(reply.result)
    else call?.reject(new Error(`${program}: ${reply.error}`))
  })
  const stop = async (): Promise<void> => { await stopChild(child, exited) }
  scope.add(stop)
  return {
    pid: child.pid ?? 0,
    call: async (name, argument) => {
      const call = Promise.withResolvers<unknown>()
      if (child.exitCode !== null) throw new Error(`${program} has ended`)
      waiting.set(++calls, call)
      child.stdin.write(`${JSON.stringify({ id: calls, name, argument })}\n`)
      return await call.promise as never
    },
    stop
  }
}

async function stopChild (child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
  child.stdin?.end()
  await exited
  clearTimeout(timer)
}
