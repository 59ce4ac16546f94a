import { createInterface } from 'node:readline'

/** What a child process can be asked: each takes and returns what JSON can hold. */
export type Handlers<C> = { [K in keyof C]: C[K] extends (argument: infer A) => infer R ? (argument: A) => Promise<R> : never }

interface Call {
  id: number
  name: string
  argument: unknown
}

/**
 * Answers calls that come as lines of JSON on the standard input, `{ id, name, argument }`, with a line each on the standard
 * output, `{ id, result }` or `{ id, error }`. The process ends when its input does.
 */
export function serveCalls<C> (handlers: Handlers<C>, stop: () => Promise<void> = async () => {}): void {
  const lines = createInterface({ input: process.stdin })
  lines.on('line', (line) => { void answer(handlers, JSON.parse(line) as Call) })
  lines.once('close', () => { void stop().finally(() => { process.exit() }) })
}

async function answer (handlers: Record<string, (argument: unknown) => Promise<unknown>>, { id, name, argument }: Call): Promise<void> {
  try {
    const handler = handlers[name]
    if (handler === undefined) throw new TypeError(`There is no call ${name}`)
    write({ id, result: await handler(argument) })
  } catch (error) {
    write({ id, error: error instanceof Error ? error.stack ?? error.message : String(error) })
  }
}

function write (reply: { id: number, result?: unknown, error?: string }): void {
  process.stdout.write(`${JSON.stringify(reply)}\n`)
}
