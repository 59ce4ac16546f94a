import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** Another process that has a repository open. */
export interface Child {
  pid: number
  /** Lines that it printed. */
  lines: string[]
  /** Resolves when it has printed so many lines. */
  printed (count: number): Promise<void>
  /** Ends it at once, and resolves when it is gone. */
  kill (): Promise<void>
}

/** How a program is started. */
export interface ProgramOptions {
  /** Added to this process's own. */
  env?: Record<string, string>
  /** A program that starts Node, such as a shell with a lower limit. */
  wrapper?: readonly string[]
}

/** Starts a process that opens the repository and stores bundles, or only holds it. */
export async function startChild (path: string, seed: string, work: 'store' | 'hold'): Promise<Child> {
  return startProgram([join(import.meta.dirname, 'commit-child.ts'), path, seed, work])
}

/** Starts Node with these arguments, and resolves when it has printed a line. It ends with the test. */
export async function startProgram (arguments_: readonly string[], { env = {}, wrapper = [] }: ProgramOptions = {}): Promise<Child> {
  const [command = process.execPath, ...others] = [...wrapper, process.execPath, ...arguments_]
  const started: ChildProcess[] = []
  // Said first, because it is refused to a test that ran out of time: that must not leave a process behind.
  onTestFinished(async () => { await Promise.all(started.map(end)) })
  const child = spawn(command, others, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } })
  started.push(child)
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  const drained = once(reader, 'close')
  let wake = (): void => {}
  reader.on('line', line => {
    lines.push(line)
    wake()
  })
  child.once('exit', () => { wake() })
  const printed = async (count: number): Promise<void> => {
    while (lines.length < count) {
      if (hasEnded(child)) throw new Error(`the child ended with ${child.exitCode ?? child.signalCode} after ${lines.length} lines`)
      await new Promise<void>(resolve => { wake = resolve })
    }
  }
  await printed(1)
  return {
    pid: child.pid ?? 0,
    lines,
    printed,
    kill: async () => {
      await end(child)
      await drained
    }
  }
}

async function end (child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

function hasEnded (child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
