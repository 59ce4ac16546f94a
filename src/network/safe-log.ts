import type { Logger } from '../interface/data-node.ts'

/** Makes a logger that keeps to one line an event whatever is in the text, and whose own failure ends nothing. */
export function safeLog (log: Logger): Logger {
  return (line) => {
    try {
      log(line.replace(/[\p{Cc}\u2028\u2029]+/gu, ' '))
    } catch {
      // the host's logger is the only one who could be told
    }
  }
}
