import type { Fetched } from './peer.ts'

/** What every comparison can be told. */
export interface BenchOptions {
  /** How often each thing is measured; each comparison has its own default. */
  runs?: number | undefined
  /** Implementations to measure; by default all that there are. */
  only?: readonly string[] | undefined
  /** Milliseconds after which what takes too long is given up. */
  deadlineMs?: number | undefined
}

/** Says on the standard error what is being measured. */
export function say (line: string): void {
  console.error(line)
}

/** Says why things were not fetched. */
export function sayFailures (fetched: readonly Fetched[]): void {
  for (const failure of new Set(fetched.flatMap(({ failure }) => failure ?? []))) {
    const times = fetched.filter(one => one.failure === failure).map(({ ms }) => ms)
    say(`  ${times.length} of ${fetched.length} failed after ${Math.round(Math.max(...times))} ms: ${failure}`)
  }
}
