/**
 * What names a dataset, or one version of it, by its publisher: only who has the key of that address can make versions of it.
 *
 * ```
 * dataset-name = address "/" name [ "@" version ]
 * address      = "0x" and 40 hexadecimal digits in any case
 * name         = [a-z0-9][a-z0-9._-]{0,99}
 * version      = MAJOR.MINOR.PATCH
 * ```
 */
import type { Address } from '../interface/primitives.ts'

/** A name, read. */
export interface DatasetName {
  publisher: Address
  name: string
  version?: string
}

/** Text that is the name of a dataset, without its publisher. */
export const datasetNamePattern: Readonly<RegExp> = /^[a-z0-9][a-z0-9._-]{0,99}$/

/** Text that is the version of one: without leading zeros, as https://semver.org has them; no pre-release, no build. */
export const datasetVersionPattern: Readonly<RegExp> = /^(0|[1-9][0-9]{0,14})\.(0|[1-9][0-9]{0,14})\.(0|[1-9][0-9]{0,14})$/

const pattern = /^(0x[0-9a-f]{40})\/([^/@]+)(?:@([^@]+))?$/i

/** Reads a name; undefined when the text is none. */
export function parseDatasetName (text: unknown): DatasetName | undefined {
  const [, publisher, name, version] = typeof text === 'string' ? pattern.exec(text) ?? [] : []
  // The address may be in any case, the rest may not.
  if (publisher === undefined || name === undefined || !datasetNamePattern.test(name)) return undefined
  if (version !== undefined && !datasetVersionPattern.test(version)) return undefined
  return { publisher: publisher.toLowerCase() as Address, name, ...(version === undefined ? {} : { version }) }
}

/** Writes a name. */
export function formatDatasetName ({ publisher, name, version }: DatasetName): string {
  return `${publisher}/${name}${version === undefined ? '' : `@${version}`}`
}
