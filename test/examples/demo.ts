import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'vitest'
import type { ChildProcess } from 'node:child_process'

/** An example that runs, with a directory for temporary files that is its own. */
export class Demo {
  /** Lines that it wrote where errors go. */
  readonly errors: string[] = []
  readonly #process: ChildProcess
  readonly #directory: string

  private constructor (process: ChildProcess, directory: string) {
    this.#process = process
    this.#directory = directory
    createInterface(process.stderr!).on('line', line => { this.errors.push(line) })
  }

  static async start (example: string, { files = [], env = {} }: { files?: string[], env?: NodeJS.ProcessEnv } = {}): Promise<Demo> {
    const directory = await mkdtemp(join(tmpdir(), 'demo-'))
    // A process group of its own, so that whatever is left of it is seen.
    const started = spawn(process.execPath, [`examples/${example}/index.ts`, ...files], {
      env: { ...process.env, ...env, TMPDIR: directory }, stdio: ['ignore', 'pipe', 'pipe'], detached: true
    })
    return new Demo(started, directory)
  }

  /** What it says until it ends with this code. */
  async ended (code: number): Promise<string[]> {
    const end = once(this.#process, 'close')
    const lines = await Array.fromAsync(createInterface(this.#process.stdout!))
    expect(await end, [...lines, ...this.errors].join('\n')).toEqual([code, null])
    return lines
  }

  /** Interrupts it once it has said something. */
  async interruptAfter (words: string): Promise<void> {
    const exit = once(this.#process, 'exit')
    for await (const line of createInterface(this.#process.stdout!)) if (line.includes(words)) break
    this.#process.kill('SIGINT')
    expect(await exit).toEqual([130, null])
  }

  async leavesNothing (): Promise<void> {
    await expect.poll(async () => await this.#running()).toEqual([])
    expect(await readdir(this.#directory)).toEqual([])
  }

  /** Ends what is left of it. */
  async [Symbol.asyncDispose] (): Promise<void> {
    for (const pid of await this.#running()) process.kill(pid, 'SIGKILL')
    await rm(this.#directory, { recursive: true })
  }

  /** Processes of its group, those left out that have ended and that nobody has asked about. */
  async #running (): Promise<number[]> {
    const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
    const found = await Promise.all(pids.map(async pid => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
      // After the name, which may hold anything: state, parent, group.
      const [state, , of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return Number(of) === this.#process.pid && state !== 'Z' ? [Number(pid)] : []
    }))
    return found.flat()
  }
}
