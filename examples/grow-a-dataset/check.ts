// What the oracle looks for: an answer has to stand in its context, and the context in the document that the row names. Whose
// rows these are is said beside each table, row by row.
import { tablesOf } from './changes.ts'
import { unwrapped } from './questions.ts'
import type { DatasetBundle } from 'cortensor-datanode'
import type { Document, Question } from './questions.ts'
import type { Finding } from './start.ts'

const columns = ['question', 'answer', 'document', 'context'] as const

/** Finds the results of which rows are wrong. */
export async function findWrongRows (dataset: DatasetBundle, documents: readonly Document[]): Promise<Finding[]> {
  const texts = new Map(documents.map(({ name, text }) => [name, unwrapped(text)]))
  const isRight = ({ answer, context, document }: Question): boolean =>
    context.includes(answer) && texts.get(document)?.includes(context) === true
  const findings: Finding[] = []
  for (const path of await tablesOf(dataset)) {
    const table = await dataset.table<Question>(path)
    for await (const origin of dataset.lineage(path)) {
      const offset = (table.rowGroups[origin.rowGroup]?.from ?? 0) + origin.from
      const rows = await Array.fromAsync(table.rows({ columns, offset, limit: origin.to - origin.from }))
      const wrong = rows.filter(row => !isRight(row))
      const [example] = wrong
      if (example !== undefined) findings.push({ origin, wrong: wrong.length, example })
    }
  }
  return findings
}
