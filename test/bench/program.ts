import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { ChildProcess } from 'node:child_process'

/** A program that was started and said that it is ready. */
export interface RunningProgram {
  /** Milliseconds from the start of the process to its word. */
  readyMs: number
  /** Bytes of memory that are resident now. */
  residentBytes(): Promise<number>
  stop(): Promise<void>
}

export interface ProgramInit {
  command: string
  args: readonly string[]
  cwd: string
  env?: Record<string, string>
  /** What it prints when it is ready. */
  readyWhen: string
  /** Programs end when their input does, or when they get this signal. */
  stopSignal?: NodeJS.Signals
}

const startTimeoutMs = 60_000
const stopTimeoutMs = 15_000

/** Starts a program and waits for its word. */
export async function startProgram ({ command, args, cwd, env, readyWhen, stopSignal }: ProgramInit): Promise<RunningProgram> {
  const startedAt = performance.now()
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] })
  const exited = once(child, 'exit')
  let output = ''
  child.stderr.on('data', (data: Buffer) => { output += data.toString() })
  const readyMs = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => { child.kill('SIGKILL') }, startTimeoutMs)
    child.stdout.on('data', (data: Buffer) => {
      output += data.toString()
      if (!output.includes(readyWhen)) return
      clearTimeout(timer)
      resolve(performance.now() - startedAt)
    })
    child.once('error', reject)
    child.once('exit', code => {
      clearTimeout(timer)
      reject(new Error(`${command} ${args.join(' ')} ended with ${String(code)} before it was ready:\n${output}`))
    })
  })
  return { readyMs, residentBytes: () => residentBytes(child), stop: () => stop(child, exited, stopSignal) }
}

async function residentBytes (child: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${String(child.pid)}/status`, 'utf8')
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
  if (kibibytes === undefined) throw new Error(`/proc/${String(child.pid)}/status has no VmRSS`)
  return Number(kibibytes) * 1024
}

async function stop (child: ChildProcess, exited: Promise<unknown>, signal: NodeJS.Signals | undefined): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
  if (signal === undefined) child.stdin?.end()
  else child.kill(signal)
  await exited
  clearTimeout(timer)
}
