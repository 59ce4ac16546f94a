import { hash } from 'node:crypto'
import { InvalidTableError, LimitExceededError } from '../errors.ts'
import { encodeRowJson } from '../format/row-json.ts'
import { diffPartsMax, diffPendingBytesMax, diffRowsMax } from '../limits.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { RowChange, Table, TableRow } from '../interface/table.ts'

/** Half a hash: two rows of all that were ever made have not the same. */
const hashBytes = 16

/** What is compared. */
export interface RowChangesInit extends AbortOptions {
  before: Pick<Table, 'path' | 'rows' | 'rowCount'>
  after: Pick<Table, 'path' | 'rows' | 'rowCount'>
  /** Columns that both have; undefined when each row is compared as it is. */
  columns: readonly string[] | undefined
  key: readonly string[] | undefined
  /** Rows of which the hashes are in memory at a time; another number is for tests. */
  rowsMax?: number
}

/** A row as far as it is in memory: half a hash of its key, and of itself. */
interface HashedRow {
  row: TableRow
  name: string
  content: string
}

/** Rows of both tables of which the hashes are alike: one of several parts that are compared one after the other. */
interface Part {
  index: number
  count: number
}

/**
 * Compares the rows of two tables. Rows are told apart by their hashes; those of the earlier table are in memory, as many at a
 * time as `diffRowsMax`, where rows are named also those of the later one, and both tables are read once, and the earlier one at
 * most once more, for each part of so many.
 */
export async function * rowChanges (init: RowChangesInit): AsyncGenerator<RowChange> {
  const count = await countParts(init)
  for (let index = 0; index < count; index++) {
    if (init.key === undefined) yield * unnamedChanges(init, { index, count })
    else yield * namedChanges(init, { index, count })
  }
}

/** Of the later table hashes are in memory too where rows are named. */
async function countParts ({ before, after, key, rowsMax = diffRowsMax, signal }: RowChangesInit): Promise<number> {
  const tables = key === undefined ? [before] : [before, after]
  let rows = 0
  for (const table of tables) rows = Math.max(rows, table.rowCount ?? await countRows(table.rows({ signal })))
  const parts = Math.max(1, Math.ceil(rows / rowsMax))
  if (parts <= diffPartsMax) return parts
  throw new LimitExceededError(`${before.path} and ${after.path} have ${rows} rows to compare; at most ${diffPartsMax * rowsMax} are compared`,
    { limit: 'diffPartsMax', max: diffPartsMax, actual: parts })
}

async function countRows (rows: AsyncIterable<unknown>): Promise<number> {
  const iterator = rows[Symbol.asyncIterator]()
  let count = 0
  while ((await iterator.next()).done !== true) count++
  return count
}

async function * unnamedChanges (init: RowChangesInit, part: Part): AsyncGenerator<RowChange> {
  const left = new Map<string, number>()
  for await (const { content } of hashedRows(init, init.before, part)) left.set(content, (left.get(content) ?? 0) + 1)
  const take = (content: string): boolean => {
    const count = left.get(content)
    if (count === undefined) return false
    if (count > 1) left.set(content, count - 1)
    else left.delete(content)
    return true
  }
  for await (const { row, content } of hashedRows(init, init.after, part)) {
    if (!take(content)) yield { type: 'added', row }
  }
  if (left.size === 0) return
  for await (const { row, content } of hashedRows(init, init.before, part)) {
    if (take(content)) yield { type: 'removed', row }
  }
}

async function * namedChanges (init: RowChangesInit, part: Part): AsyncGenerator<RowChange> {
  const left = new Map<string, string>()
  for await (const { name, content, row } of hashedRows(init, init.before, part)) {
    if (left.has(name)) throw sameKey(init, init.before.path, row)
    left.set(name, content)
  }
  const seen = new Set<string>()
  const pending = new PendingChanges(init, part)
  for await (const { name, content, row } of hashedRows(init, init.after, part)) {
    if (seen.has(name)) throw sameKey(init, init.after.path, row)
    seen.add(name)
    const known = left.get(name)
    if (known === undefined) yield { type: 'added', row }
    else if (known !== content) yield * pending.add(name, row)
    left.delete(name)
  }
  yield * pending.end(left)
}

/** Rows that changed and wait to be put beside what they were. */
class PendingChanges {
  readonly #init: RowChangesInit
  readonly #part: Part
  readonly #rows = new Map<string, TableRow>()
  #bytes = 0

  constructor (init: RowChangesInit, part: Part) {
    this.#init = init
    this.#part = part
  }

  async * add (name: string, row: TableRow): AsyncGenerator<RowChange> {
    this.#rows.set(name, row)
    this.#bytes += encodeRowJson(row).byteLength
    if (this.#bytes >= diffPendingBytesMax) yield * this.#flush(new Map())
  }

  async * end (removed: ReadonlyMap<string, string>): AsyncGenerator<RowChange> {
    if (this.#rows.size > 0 || removed.size > 0) yield * this.#flush(removed)
  }

  async * #flush (removed: ReadonlyMap<string, string>): AsyncGenerator<RowChange> {
    for await (const { name, row } of hashedRows(this.#init, this.#init.before, this.#part)) {
      const after = this.#rows.get(name)
      if (after !== undefined) yield { type: 'changed', before: row, after }
      else if (removed.has(name)) yield { type: 'removed', row }
    }
    this.#rows.clear()
    this.#bytes = 0
  }
}

/** The rows of one part of a table. */
async function * hashedRows (
  { columns, key, signal }: RowChangesInit, table: Pick<Table, 'rows'>, { index, count }: Part
): AsyncGenerator<HashedRow> {
  for await (const row of table.rows({ signal, ...(columns === undefined ? {} : { columns }) })) {
    const content = hashOf(row)
    const name = key === undefined ? content : hashOf(Object.fromEntries(key.map(column => [column, row[column] ?? null])))
    if (partOf(name, count) === index) yield { row, name, content }
  }
}

function hashOf (row: TableRow): string {
  return hash('sha256', encodeRowJson(row), 'buffer').toString('latin1', 0, hashBytes)
}

function partOf (name: string, count: number): number {
  return (name.charCodeAt(0) * 65_536 + name.charCodeAt(1) * 256 + name.charCodeAt(2)) % count
}

function sameKey ({ key = [] }: RowChangesInit, path: string, row: TableRow): InvalidTableError {
  const values = Object.fromEntries(key.map(column => [column, row[column] ?? null]))
  return new InvalidTableError(`${path} has two rows with the key ${new TextDecoder().decode(encodeRowJson(values))}: name more columns`, { path, key })
}
