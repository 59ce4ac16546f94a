// The program that started this one: what it says, and what is said to it.
import { once } from 'node:events'

/** One message between a program and the one that started it. */
export interface Message { type: string, body: unknown }

const inbox: Message[] = []
const arrivals = new EventTarget()
process.on('message', (message: Message) => {
  inbox.push(message)
  // nothing comes after it: the process may end when its node has stopped
  if (message.type === 'stop') process.channel?.unref()
  arrivals.dispatchEvent(new Event('message'))
})
process.once('disconnect', () => process.exit(1))

/** Waits for a message of this type, and takes it. */
export async function next<T = unknown> (type: string): Promise<T> {
  for (;;) {
    const index = inbox.findIndex(message => message.type === type)
    if (index >= 0) return inbox.splice(index, 1)[0]?.body as T
    await once(arrivals, 'message')
  }
}

/** Says something to the program that started this one. */
export function say (type: string, body: unknown): void {
  process.send?.({ type, body } satisfies Message)
}
