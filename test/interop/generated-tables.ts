import { encodeRowJson } from '../../src/format/row-json.ts'
import { parquetBytes } from '../dataset/parquet-files.ts'
import type { ColumnCondition, RowFilter, TableRow } from '../../src/interface/table.ts'

/** A row of a generated table. */
export interface GeneratedRow extends TableRow {
  id: bigint
  text: string | null
  large: bigint | null
  number: number | null
  truth: boolean | null
}

export const generatedColumns: string[] = ['id', 'text', 'large', 'number', 'truth']

const texts = ['', 'a', 'A', 'ä', 'a\u0308', 'zoë', '日本', '\u{1f600}', '\uffff', "it's \"so\"", 'a\nb', 'long '.repeat(30)]
const larges = [0n, 1n, -1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]
const numbers = [0, 1, 0.1, -2.5, 1e300, 5e-324, 2 ** 53]

/** Makes tables, and changes them: the same ones for one seed. */
export class TableGenerator {
  #state: number

  constructor (seed: number) {
    this.#state = seed >>> 0
  }

  below (count: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor(this.#state / 2 ** 32 * count)
  }

  pick<T> (values: readonly T[]): T {
    return values[this.below(values.length)] as T
  }

  rows (count: number): GeneratedRow[] {
    return Array.from({ length: count }, (_, id) => this.#row(BigInt(id * 3)))
  }

  /** The rows of a later version: some are gone, changed, new or, where they have no names, there twice; some stand elsewhere. */
  changed (rows: readonly GeneratedRow[], { share, isNamed }: { share: number, isNamed: boolean }): GeneratedRow[] {
    const isHit = (): boolean => this.below(1000) < share * 1000
    const later = rows.flatMap(row => {
      if (isHit()) return []
      const kept = isHit() ? { ...this.#row(row.id) } : row
      return isHit() && !isNamed ? [kept, kept] : [kept]
    })
    for (const { id } of rows) if (isHit()) later.splice(this.below(later.length + 1), 0, this.#row(id + 1n))
    for (let moves = Math.ceil(later.length * share); moves > 0; moves--) later.push(...later.splice(this.below(later.length), 1))
    return later
  }

  where (): RowFilter {
    const conditions: Record<string, ColumnCondition> = {}
    for (let count = this.below(3); count > 0; count--) {
      const column = this.pick(generatedColumns)
      const value = (): ColumnCondition['eq'] => (this.#row(BigInt(this.below(150)))[column] ?? null) as ColumnCondition['eq']
      const operator = this.pick(['eq', 'ne', 'in', 'gt', 'gte', 'lt', 'lte'] as const)
      const bound = value()
      if (operator === 'in') conditions[column] = { in: [value() ?? null, value() ?? null] }
      else if (operator === 'eq' || operator === 'ne' || bound !== null) conditions[column] = { [operator]: bound }
    }
    return conditions
  }

  #row (id: bigint): GeneratedRow {
    const orNull = <T>(value: T): T | null => this.below(5) === 0 ? null : value
    return {
      id,
      text: orNull(`${this.pick(texts)}${this.pick(['', '', this.below(9)])}`),
      large: orNull(this.pick(larges)),
      number: orNull(this.pick(numbers)),
      truth: orNull(this.below(2) === 0)
    }
  }
}

/** The rows as Parquet. */
export function generatedParquet (rows: readonly GeneratedRow[], rowGroupSize: number): Uint8Array {
  return parquetBytes([
    { name: 'id', data: rows.map(({ id }) => id), type: 'INT64', nullable: false },
    { name: 'text', data: rows.map(({ text }) => text), type: 'STRING' },
    { name: 'large', data: rows.map(({ large }) => large), type: 'INT64' },
    { name: 'number', data: rows.map(({ number }) => number), type: 'DOUBLE' },
    { name: 'truth', data: rows.map(({ truth }) => truth), type: 'BOOLEAN' }
  ], { rowGroupSize })
}

/** The rows as JSON Lines, in which whole numbers of 64 bits are text. */
export function generatedLines (rows: readonly GeneratedRow[]): Uint8Array {
  return Buffer.concat(rows.flatMap(row => [encodeRowJson(row), Buffer.from('\n')]))
}
