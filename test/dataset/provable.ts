import { openHandle } from '../../src/bundle/handle.ts'
import { datasetBundleInit } from '../../src/dataset/dataset-bundle.ts'
import { Lineage } from '../../src/dataset/lineage.ts'
import { publishStored, testNode } from '../bundle/fixtures.ts'
import { numberedParquet } from './parquet-files.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'
import type { DatasetInit } from '../../src/interface/dataset.ts'

/** Five rows of JSON Lines, three of CSV, and ten thousand of Parquet. */
export const provableFiles: NonNullable<DatasetInit['files']> = [
  { name: 'qa.jsonl', text: Array.from({ length: 5 }, (_, n) => `{"n": ${n}, "q": "é"}\r\n`).join('') },
  { name: 'notes.txt', text: 'no table' },
  { name: 'people.csv', text: 'id,"full ""name"""\n1,Ann\n2,"Bo\nb"\n3,\n' },
  { name: 'numbers.parquet', bytes: numberedParquet() }
]

/** Publishes a dataset of these files, of the first key. */
export async function publishDataset (files: NonNullable<DatasetInit['files']>, init: Partial<DatasetInit> = {}): Promise<DatasetBundle> {
  const node = testNode(1)
  const context = { publisher: node.identity.address, previous: undefined, readers: 'anyone' as const, lineage: new Lineage([]) }
  const dataset = datasetBundleInit({ name: 'tables', version: '1.0.0', files, ...init }, context)
  return await openHandle(node, await publishStored(node, dataset)) as DatasetBundle
}
