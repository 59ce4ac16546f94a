import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rowChanges } from '../../src/dataset/row-changes.ts'
import { encodeRowJson } from '../../src/format/row-json.ts'
import type { RowChangesInit } from '../../src/dataset/row-changes.ts'
import type { RowChange, TableRow } from '../../src/interface/table.ts'

type Source = RowChangesInit['before'] & { reads: number }

function tableOf (path: string, rows: readonly TableRow[]): Source {
  const table: Source = { path, rowCount: undefined, reads: 0, rows: () => { table.reads++; return (async function * () { yield * rows })() } }
  return table
}

async function changes (before: readonly TableRow[], after: readonly TableRow[], options: Partial<RowChangesInit> = {}): Promise<RowChange[]> {
  return await Array.fromAsync(rowChanges({ before: tableOf('before', before), after: tableOf('after', after), columns: undefined, key: undefined, ...options }))
}

const text = (row: TableRow): string => new TextDecoder().decode(encodeRowJson(row))
const row = fc.record({ id: fc.integer({ min: 0, max: 6 }), v: fc.constantFrom<string | null>('a', 'b', null) })

/** How often each row is there more in one than in the other. */
function surplus (rows: readonly TableRow[], others: readonly TableRow[]): string[] {
  const left = others.map(text)
  return rows.map(text).filter(one => {
    const at = left.indexOf(one)
    if (at !== -1) left.splice(at, 1)
    return at === -1
  }).sort()
}

describe('rowChanges', () => {
  it('finds what a comparison of all with all finds, in whatever number of parts', async () => {
    await fc.assert(fc.asyncProperty(fc.array(row), fc.array(row), fc.integer({ min: 1, max: 5 }), async (before, after, rowsMax) => {
      const found = await changes(before, after, { rowsMax })
      const of = (type: 'added' | 'removed'): string[] => found.flatMap(change => change.type === type ? [text(change.row)] : []).sort()
      expect(of('added')).toEqual(surplus(after, before))
      expect(of('removed')).toEqual(surplus(before, after))
    }))
  })

  it('finds rows that changed by their key, in whatever number of parts', async () => {
    const rows = fc.uniqueArray(row, { selector: ({ id }) => id })
    await fc.assert(fc.asyncProperty(rows, rows, fc.integer({ min: 1, max: 5 }), async (before, after, rowsMax) => {
      const found = await changes(before, after, { key: ['id'], rowsMax })
      const old = new Map(before.map(row => [row.id, row]))
      const now = new Map(after.map(row => [row.id, row]))
      const expected = [
        ...after.flatMap(row => old.has(row.id) ? [] : [{ type: 'added', row }]),
        ...before.flatMap(row => now.has(row.id) ? [] : [{ type: 'removed', row }]),
        ...before.flatMap(row => now.has(row.id) && now.get(row.id)?.v !== row.v ? [{ type: 'changed', before: row, after: now.get(row.id) }] : [])
      ]
      expect(found.map(change => JSON.stringify(change)).sort()).toEqual(expected.map(change => JSON.stringify(change)).sort())
    }))
  })

  it('reads the earlier table twice, and the later one once, where nothing was removed', async () => {
    const [before, after] = [tableOf('before', [{ a: 1 }]), tableOf('after', [{ a: 1 }, { a: 2 }])]
    expect(await changes([], [], { before, after })).toEqual([{ type: 'added', row: { a: 2 } }])
    expect([before.reads, after.reads]).toEqual([2, 1])
  })

  it('puts many large rows that changed beside what they were', async () => {
    const rows = (v: string): TableRow[] => Array.from({ length: 36 }, (_, id) => ({ id, v: v.repeat(1024 * 1024) }))
    const found = await changes(rows('a'), rows('b'), { key: ['id'] })
    expect(found).toHaveLength(36)
    expect(found.every(change => change.type === 'changed' && change.before['id'] === change.after['id'])).toBe(true)
  })

  it('has hashes of the later table in parts as well, where rows are named', async () => {
    const after = tableOf('after', Array.from({ length: 10 }, (_, id) => ({ id })))
    expect(await changes([], [], { after, key: ['id'], rowsMax: 5 })).toHaveLength(10)
    // Once to count, and once for each part.
    expect(after.reads).toBe(3)
  })

  it('refuses more rows than are compared', async () => {
    const rows = Array.from({ length: 101 }, (_, id) => ({ id }))
    await expect(changes(rows, [], { rowsMax: 1 })).rejects.toMatchObject({
      name: 'LimitExceededError', message: 'before and after have 101 rows to compare; at most 100 are compared', details: { limit: 'diffPartsMax' }
    })
    expect(await changes(rows.slice(1), [], { rowsMax: 1 })).toHaveLength(100)
    await expect(changes([], rows, { rowsMax: 1, key: ['id'] })).rejects.toMatchObject({ name: 'LimitExceededError' })
  })

  it.each([['before', [{ id: 1 }, { id: 1 }], []], ['after', [], [{ id: 1 }, { id: 1 }]]])('refuses two rows of %s with one key', async (path, before, after) => {
    await expect(changes(before, after, { key: ['id'] })).rejects.toMatchObject({
      name: 'InvalidTableError', message: `${path} has two rows with the key {"id":1}: name more columns`, details: { path, key: ['id'] }
    })
  })
})
