/** Middle of the values, or of the two in the middle; not a number when there is none. */
export function median (values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The value below which this part of the values is, interpolated; not a number when there is none. */
export function quantile (values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * part
  const low = sorted[Math.floor(at)] ?? NaN
  const high = sorted[Math.ceil(at)] ?? NaN
  return low + (high - low) * (at - Math.floor(at))
}

/** To so many digits behind the point. */
export function rounded (value: number, digits = 1): number {
  return Math.round(value * 10 ** digits) / 10 ** digits
}
