import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LimitExceededError, NewerFormatError, StorageError } from '../../src/errors.ts'
import type { Address } from '../../src/interface/primitives.ts'
import { decodeRecord, encodeRecord } from '../../src/store/record-file.ts'
import type { RecordFile } from '../../src/store/record-file.ts'
import { address, raw, recordOf } from './dags.ts'

const { cid } = raw('one')
const record: RecordFile = { bundle: { ...recordOf(cid), bytes: 100, blocks: 1 }, revision: 1, carBlocks: 1, unknown: {} }

test('writes this record in this form', () => {
  expect(textOf(record)).toBe('{"blocks":1,"bytes":100,"carBlocks":1,"embargoed":false,"format":"cortensor-record","holds":[{"owner":"host"}],'
    + `"kind":"task","origin":"published","readers":"anyone","revision":1,"root":"${cid.toString()}","statements":[],`
    + '"storedAt":1700000000000,"version":2}')
})

test('reads every record as it was written', () => {
  const count = fc.nat(Number.MAX_SAFE_INTEGER)
  const uint = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map(String)
  const someone = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes): Address => `0x${Buffer.from(bytes).toString('hex')}`)
  const session = fc.record({ chainId: uint, queue: someone, sessionId: uint })
  fc.assert(fc.property(
    fc.record({
      kind: fc.string({ unit: 'grapheme' }), origin: fc.constantFrom('published', 'fetched'), embargoed: fc.boolean(),
      holds: fc.array(fc.oneof(fc.record({ owner: fc.string() }), fc.record({ owner: fc.string(), until: count }))),
      readers: fc.oneof(fc.constant('anyone' as const), fc.array(someone)), storedAt: count, bytes: count, blocks: count
    }),
    fc.option(session), fc.option(uint), count,
    (state, place, taskId, revision) => {
      const bundle = {
        ...state, root: cid, statements: [],
        ...place === null ? {} : { session: place },
        ...place === null || taskId === null ? {} : { task: { ...place, taskId } }
      }
      const written = { bundle, revision, carBlocks: 3, unknown: {} }
      expect(decodeRecord(encodeRecord(written))).toEqual(written)
    }
  ))
})

test('keeps when an embargo ends, and what is linked', () => {
  const bundle = { ...record.bundle, embargoed: true, revealAt: 1_700_000_000_001, links: [raw('two').cid] }
  const read = decodeRecord(encodeRecord({ ...record, bundle }))
  expect({ ...read.bundle, links: read.bundle.links?.map(String) }).toEqual({ ...bundle, links: bundle.links.map(String) })
  expect(textOf({ ...record, bundle: { ...bundle, revealAt: undefined } })).not.toContain('revealAt')
})

test('keeps delegations, and reads records without', () => {
  const delegation = { node: address, until: '9', time: '1', signature: `0x${'01'.repeat(65)}` as const }
  const bundle = { ...record.bundle, delegations: [{ wallet: address, delegation }] }
  expect(decodeRecord(encodeRecord({ ...record, bundle }))).toEqual({ ...record, bundle })
  expect(decodeRecord(encodeRecord(record)).bundle).not.toHaveProperty('delegations')
  const text = textOf({ ...record, bundle })
  for (const other of ['5', '[5]', '[{"wallet":"0x"}]']) {
    expect(() => decodeRecord(Buffer.from(text.replace(/"delegations":\[.*?\]/, `"delegations":${other}`)))).toThrow(StorageError)
  }
})

test('keeps of a function that it was one: the bundle is closed, and that stays so when something else changes', () => {
  const text = textOf({ ...record, bundle: { ...record.bundle, readers: () => true } })
  expect(text).toContain('"readers":[],"readersLost":true')
  const read = decodeRecord(Buffer.from(text))
  expect(read.bundle).toMatchObject({ readers: [], readersLost: true })
  expect(textOf({ ...read, bundle: { ...read.bundle, holds: [] } })).toContain('"readersLost":true')
  expect(read.unknown).toEqual({})
})

test('takes readers that an earlier release set for set', () => {
  const text = textOf({ ...record, bundle: { ...record.bundle, readers: () => true } })
  const set = decodeRecord(Buffer.from(text.replace('"readers":[]', `"readers":["${address}"]`)))
  expect(set.bundle).toMatchObject({ readers: [address] })
  expect(set.bundle.readersLost).toBeUndefined()
})

test('keeps members that it does not know', () => {
  const bytes = Buffer.from(textOf(record).replace('"version":2', '"version":2,"later":{"x":[1]}'))
  const read = decodeRecord(bytes)
  expect(read.unknown).toEqual({ later: { x: [1] } })
  expect(textOf({ ...read, bundle: { ...read.bundle, holds: [] } })).toContain('"later":{"x":[1]}')
})

test('reads what the release before wrote: what is held there is held until it is released', () => {
  const text = textOf(record).replace('"version":2', '"version":1')
  const before = (held: boolean): string => text.replace('"holds":[{"owner":"host"}]', `"held":${held}`)
  expect(decodeRecord(Buffer.from(before(true)))).toEqual(record)
  expect(decodeRecord(Buffer.from(before(false))).bundle.holds).toEqual([])
})

test('refuses what a newer release wrote', () => {
  expect(() => decodeRecord(Buffer.from(textOf(record).replace('"version":2', '"version":3')))).toThrow(NewerFormatError)
})

test('refuses what is not a record', () => {
  const text = textOf(record)
  const wrong = ['', '{', '[]', 'null', '"x"', '\u00ff', '['.repeat(100), text.replace('cortensor-record', 'other'), text.replace('"version":2', '"version":"2"'),
    text.replace('"anyone"', '"all"'), text.replace('"anyone"', '["0xAB"]'), text.replace('[{"owner":"host"}]', 'true'), text.replace('"owner"', '"name"'),
    text.replace('"published"', '"other"'), text.replace('"statements":[]', '"statements":[1]'), text.replace('"blocks":1', '"blocks":-1'),
    text.replace('"blocks":1', '"blocks":0.5'), text.replace(cid.toString(), 'b'), text.replace(cid.toString(), 'z'.repeat(129)),
    text.replace('"holds"', '"task":{"chainId":"1"},"holds"'), text.replace('"holds"', '"session":null,"holds"'),
    text.replace('"holds"', '"answers":1,"holds"'), text.replace('"version":2', '"version":1'),
    text.replace('"kind":"task",', ''), text.slice(0, -1)]
  for (const bytes of [...wrong.map(one => Buffer.from(one)), Buffer.from(text, 'utf16le'), Buffer.from([0xff])]) {
    expect(() => decodeRecord(bytes), bytes.toString()).toThrow(StorageError)
  }
})

test('writes no record that is larger than what it reads', () => {
  const readers = (count: number): RecordFile => ({ ...record, bundle: { ...record.bundle, readers: Array.from({ length: count }, () => address) } })
  expect(decodeRecord(encodeRecord(readers(20_000))).bundle.readers).toHaveLength(20_000)
  expect(() => encodeRecord(readers(25_000))).toThrow(LimitExceededError)
  expect(() => decodeRecord(Buffer.from(textOf(record) + ' '.repeat(1024 * 1024)))).toThrow(StorageError)
})

function textOf (written: RecordFile): string {
  return new TextDecoder().decode(encodeRecord(written))
}
