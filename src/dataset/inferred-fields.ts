import { tableColumnsMax } from '../limits.ts'
import { tooManyColumns } from './parquet-schema.ts'
import type { FieldType, TableField, TableRow } from '../interface/table.ts'

/** What the values of one column have been. */
interface Column {
  /** Undefined while only nulls came. */
  type: FieldType | undefined
  isRepeated: boolean | undefined
  isNullable: boolean
  rows: number
}

const integerPattern = /^[+-]?(0|[1-9][0-9]*)$/
const floatPattern = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$/
const datePattern = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/
const dateTimePattern = /^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?$/

/** Tells the columns of a table from its rows: what each of their values is. Memory is bounded by the number of columns. */
export class InferredFields {
  readonly #columns = new Map<string, Column>()
  readonly #isText: boolean
  #rows = 0

  /** @param isText - true for CSV, in which a number is what looks like one, and nothing is null */
  constructor (isText: boolean) {
    this.#isText = isText
  }

  get rows (): number {
    return this.#rows
  }

  get fields (): TableField[] {
    return Array.from(this.#columns, ([name, { type, isRepeated, isNullable, rows }]) => ({
      name,
      type: type ?? 'sc:Text',
      ...(isRepeated === true ? { repeated: true } : {}),
      nullable: isNullable || rows < this.#rows
    }))
  }

  /** Names columns that are there although no row may be. */
  name (names: readonly string[]): void {
    for (const name of names) this.#column(name)
  }

  /** @throws {@link LimitExceededError} when there are more columns than `tableColumnsMax` */
  add (row: TableRow): void {
    this.#rows++
    for (const [name, value] of Object.entries(row)) {
      const column = this.#column(name)
      column.rows++
      if (value === null || (this.#isText && value === '')) column.isNullable = true
      else this.#widen(column, value)
    }
  }

  #column (name: string): Column {
    let column = this.#columns.get(name)
    if (column === undefined) {
      if (this.#columns.size >= tableColumnsMax) throw tooManyColumns(this.#columns.size + 1)
      column = { type: undefined, isRepeated: undefined, isNullable: false, rows: 0 }
      this.#columns.set(name, column)
    }
    return column
  }

  #widen (column: Column, value: unknown): void {
    const isList = Array.isArray(value)
    const isMixed = column.isRepeated !== undefined && column.isRepeated !== isList
    column.isRepeated = isList && !isMixed
    const items: unknown[] = isList ? value : [value]
    for (const item of items) {
      if (item !== null) column.type = widerOf(column.type, isMixed ? 'sc:StructuredValue' : typeOf(item, this.#isText))
    }
    if (isMixed) column.type = 'sc:StructuredValue'
  }
}

function typeOf (value: unknown, isText: boolean): FieldType {
  switch (typeof value) {
    case 'boolean': return 'sc:Boolean'
    case 'bigint': return 'sc:Integer'
    case 'number': return Number.isInteger(value) ? 'sc:Integer' : 'sc:Float'
    case 'string': return isText ? typeOfText(value) : typeOfMoment(value)
    default: return 'sc:StructuredValue'
  }
}

function typeOfText (text: string): FieldType {
  if (integerPattern.test(text)) return 'sc:Integer'
  if (floatPattern.test(text)) return 'sc:Float'
  return /^(true|false)$/i.test(text) ? 'sc:Boolean' : typeOfMoment(text)
}

function typeOfMoment (text: string): FieldType {
  if (text.length > 40) return 'sc:Text'
  const isMoment = (datePattern.test(text) || dateTimePattern.test(text)) && !Number.isNaN(Date.parse(text))
  return isMoment ? text.length === 10 ? 'sc:Date' : 'sc:DateTime' : 'sc:Text'
}

/** The narrowest type that has the values of both. */
function widerOf (a: FieldType | undefined, b: FieldType): FieldType {
  if (a === undefined || a === b) return b
  const both = [a, b]
  if (both.includes('sc:StructuredValue')) return 'sc:StructuredValue'
  return both.includes('sc:Integer') && both.includes('sc:Float') ? 'sc:Float' : 'sc:Text'
}
