import { PackageMissingError } from '../errors.ts'
import type * as hyparquet from 'hyparquet'
import type * as hyparquetWriter from 'hyparquet-writer'

/** The package that decodes Parquet. */
export type Hyparquet = typeof hyparquet

/** The package that encodes Parquet. */
export type HyparquetWriter = typeof hyparquetWriter

/**
 * Loads what decodes Parquet, with the first file that needs it.
 *
 * @throws {@link PackageMissingError} when it is not installed
 */
export async function loadHyparquet (load: () => Promise<Hyparquet> = async () => await import('hyparquet')): Promise<Hyparquet> {
  return await loadOptional('hyparquet', 'to read Parquet', load)
}

/**
 * Loads what encodes Parquet.
 *
 * @throws {@link PackageMissingError} when it is not installed
 */
export async function loadHyparquetWriter (
  load: () => Promise<HyparquetWriter> = async () => await import('hyparquet-writer')
): Promise<HyparquetWriter> {
  return await loadOptional('hyparquet-writer', 'to write Parquet', load)
}

async function loadOptional<T> (name: string, purpose: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (cause) {
    throw new PackageMissingError(`The package ${name} is needed ${purpose}: install it beside this one (npm install ${name})`,
      { package: name, cause })
  }
}
