import type { Logger } from '../interface/data-node.ts'

/** Makes a logger that keeps to one line an event whatever is in the text, and whose own failure ends nothing. */
export function safeLog (log: (line: string) => unknown): Logger {
  return (line) => {
    try {
      const written = log(line.replace(/[\p{Cc}\u2028\u2029]+/gu, ' '))
      if (written instanceof Promise) written.catch(() => {})
    } catch {
      // the host's logger is the only one who could be told
    }
  }
}
