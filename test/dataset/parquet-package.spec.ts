import { expect, test } from 'vitest'
import { loadHyparquet, loadHyparquetWriter } from '../../src/dataset/parquet-package.ts'

test('loads what decodes and what encodes Parquet', async () => {
  expect((await loadHyparquet()).parquetMetadata).toBeTypeOf('function')
  expect((await loadHyparquetWriter()).ParquetWriter).toBeTypeOf('function')
})

test('says which package to install', async () => {
  const missing = async (): Promise<never> => { throw new Error('Cannot find package') }
  await expect(loadHyparquet(missing)).rejects.toMatchObject({
    name: 'PackageMissingError',
    code: 'ERR_PACKAGE_MISSING',
    message: 'The package hyparquet is needed to read Parquet: install it beside this one (npm install hyparquet)',
    details: { package: 'hyparquet' }
  })
  await expect(loadHyparquetWriter(missing)).rejects.toMatchObject({ details: { package: 'hyparquet-writer' } })
})
