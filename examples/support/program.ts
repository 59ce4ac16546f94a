// A program of an example as a process of its own, and the messages to and from it.
import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:net'
import { basename } from 'node:path'
import { privateKeyToAddress } from 'viem/accounts'
import type { ChildProcess } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import type { Address } from 'cortensor-datanode'
import type { Message } from './host.ts'

const running = new Set<Program>()
/** A model takes longer than a program that looks for words. */
const timeoutMs = process.env['INFERENCE_URL'] === undefined ? 60_000 : 600_000

/** A started program. */
export class Program {
  /** Resolves when the process has ended. */
  readonly ended: Promise<unknown>
  readonly #name: string
  readonly #process: ChildProcess
  readonly #messages = new EventEmitter()
  readonly #inbox: Message[] = []

  /** @param file - its module; what it is started with is what it hears first */
  constructor (file: URL, start: object) {
    this.#name = basename(file.pathname, '.ts')
    this.#process = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.ended = once(this.#process, 'exit')
    this.#process.on('message', (message: Message) => {
      this.#inbox.push(message)
      this.#messages.emit(message.type, message.body)
    })
    this.#process.once('exit', () => running.delete(this))
    running.add(this)
    this.tell('start', start)
  }

  /** Sends it a message. */
  tell (type: string, body: object): void {
    this.#process.send({ type, body })
  }

  /** Calls a listener for each message of this type, also for those that came before. */
  on (type: string, listener: (body: unknown) => void): void {
    for (const message of this.#inbox) if (message.type === type) listener(message.body)
    this.#messages.on(type, listener)
  }

  /** Waits for a message of this type; fails when the process ends first. */
  async next<T = unknown> (type: string): Promise<T> {
    const early = this.#inbox.find(message => message.type === type)
    if (early !== undefined) return early.body as T
    return await inTime(`${this.#name} did not say ${type}`, Promise.race([
      once(this.#messages, type).then(([body]) => body as T),
      this.ended.then(() => { throw new Error(`${this.#name} ended before it said ${type}`) })
    ]))
  }

  /** Asks it to stop, and waits until it has. */
  async stop (): Promise<void> {
    this.tell('stop', {})
    await inTime(`${this.#name} did not stop`, this.ended)
  }

  /** Ends it as a power cut does, and waits until it has gone. */
  async kill (): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.ended
  }

  /** Ends what still runs. */
  static endAll (): void {
    for (const program of running) program.#process.kill('SIGKILL')
  }
}

async function inTime<T> (sentence: string, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => { reject(new Error(`${sentence} within ${timeoutMs} ms`)) }, timeoutMs)
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

/** A port that was free a moment ago, chosen by the system. */
export async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A new key and the address that everybody will know it by. */
export function newKey (): { privateKey: string, address: Address } {
  const privateKey = `0x${randomBytes(32).toString('hex')}` as const
  return { privateKey, address: privateKeyToAddress(privateKey).toLowerCase() as Address }
}
