import type { Uint256 } from '../interface/primitives.ts'

const secondsMax = 8.64e12

/** A time of a format, seconds since 1970, as people read it; the number where no calendar has it. */
export function timeText (seconds: Uint256): string {
  const number = Number(seconds)
  return number <= secondsMax ? new Date(number * 1000).toISOString().replace('.000Z', 'Z') : `${seconds} s after 1970`
}
