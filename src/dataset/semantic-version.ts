import { invalidArgument } from '../format/argument.ts'
import { datasetVersionPattern } from '../format/dataset-name.ts'

/** The three numbers of a version. @throws {@link InvalidArgumentError} when it is not MAJOR.MINOR.PATCH */
export function parseVersion (text: string): readonly [number, number, number] {
  const given: unknown = text
  const [, major, minor, patch] = typeof given === 'string' ? datasetVersionPattern.exec(given) ?? [] : []
  if (major === undefined || minor === undefined || patch === undefined) {
    throw invalidArgument('version', 'MAJOR.MINOR.PATCH, such as 1.0.0', given)
  }
  return [Number(major), Number(minor), Number(patch)]
}

/** Negative when `a` comes before `b`, 0 when they are equal. */
export function compareVersions (a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)]
  for (const i of [0, 1, 2] as const) {
    if (left[i] !== right[i]) return left[i] - right[i]
  }
  return 0
}
