/**
 * Numbers of bytes as people write them:
 *
 * ```
 * size = digits [ "." digits ] [ " " ] [ unit ]
 * unit = "B" | "KB" | "MB" | "GB" | "TB"         powers of 1000
 *      | "KiB" | "MiB" | "GiB" | "TiB"           powers of 1024
 * ```
 *
 * Upper and lower case are the same. Without a unit the number is bytes. A part of a byte is dropped, and parts are written only
 * with units larger than a byte.
 */
import { invalidArgument } from './argument.ts'

const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const
const decimalUnits = ['B', 'KB', 'MB', 'GB', 'TB'] as const

const unitBytes = new Map<string, bigint>([
  ...decimalUnits.map((unit, power) => [unit.toLowerCase(), 1000n ** BigInt(power)] as const),
  ...binaryUnits.map((unit, power) => [unit.toLowerCase(), 1024n ** BigInt(power)] as const)
])

/** Reads a number of bytes. @throws {@link InvalidArgumentError} when it is not one */
export function parseByteSize (value: number | string, name: string): number {
  const bytes = typeof value === 'string' ? parseText(value) : value
  if (Number.isSafeInteger(bytes) && Number(bytes) >= 0) return Number(bytes)
  throw invalidArgument(name, "a whole number of bytes, or text such as '10GiB'", value)
}

/** A number of bytes for a message: one digit after the point. */
export function formatByteSize (bytes: number): string {
  let value = bytes
  let unit = 0
  // What would be rounded up to 1024 is one of the next unit.
  while (unit < binaryUnits.length - 1 && (unit === 0 ? value >= 1024 : value >= 1023.95)) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : Number(value.toFixed(1))} ${binaryUnits[unit] ?? 'B'}`
}

function parseText (text: string): number | undefined {
  const match = /^(?<whole>\d{1,16})(?:\.(?<part>\d{1,16}))? ?(?<unit>[kmgt]?i?b)?$/i.exec(text)
  const { whole, part = '', unit = 'b' } = match?.groups ?? {}
  const bytesEach = unitBytes.get(unit.toLowerCase())
  if (whole === undefined || bytesEach === undefined || (part !== '' && bytesEach === 1n)) return undefined
  return Number(BigInt(whole + part) * bytesEach / 10n ** BigInt(part.length))
}
