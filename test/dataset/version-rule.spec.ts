import { describe, expect, it } from 'vitest'
import { after, checkVersionRule, stepBetween } from '../../src/dataset/version-rule.ts'
import { describeDataset } from '../../src/dataset/croissant.ts'
import { describeFiles } from '../../src/dataset/distribution.ts'
import { encodeCanonicalJson } from '../../src/format/canonical-json.ts'
import { miner, root } from '../audit/fixtures.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'

const file = (path: string, content = path) => ({ path: `data/${path}`, cid: root(content), bytes: 1n, sha256: `0x${'00'.repeat(32)}` as const })
const table = (rows: number) => ({ fields: [{ name: 'a', type: 'sc:Text' as const }], rows })
const tables = (...all: [string, number][]) => new Map(all.map(([path, rows]) => [`data/${path}`, { fields: new Map([['a', 'text']]), rows }]))

function previous (datasetVersion: string, files: ReturnType<typeof file>[], rows: [string, number][] = []): DatasetBundle {
  const described = async () => describeDataset({ name: 'qa', version: datasetVersion }, {
    publisher: miner(1), resources: await describeFiles(files), tables: new Map(rows.map(([path, count]) => [`data/${path}`, table(count)])), derivedFrom: []
  })
  return {
    manifest: { datasetVersion },
    files: async function * () { for (const { path, cid } of files) yield await Promise.resolve({ path, cid, type: 'file', size: 1n }) },
    bytes: async () => encodeCanonicalJson(await described())
  } as unknown as DatasetBundle
}

/** Every file that is about to be published begins with this. */
const rows = 'a\n1\n'
const content = { read: (): AsyncIterable<Uint8Array> => bytesOf(rows) }
async function * bytesOf (text: string): AsyncGenerator<Uint8Array> { yield await Promise.resolve(new TextEncoder().encode(text)) }

const check = async (from: DatasetBundle, version: string, files: ReturnType<typeof file>[], described = tables()): Promise<void> => {
  await checkVersionRule(from, { version, files, content, tables: described })
}

describe('checkVersionRule', () => {
  it.each([
    ['the same files', '1.0.1', [file('a'), file('b')]],
    ['a file under another name', '1.0.1', [file('a'), file('c', 'b')]],
    ['a new file', '1.1.0', [file('a'), file('b'), file('c')]],
    ['a file that is gone', '2.0.0', [file('a')]],
    ['less than the number says', '2.0.0', [file('a'), file('b')]]
  ])('takes %s as %s', async (_, version, files) => {
    await check(previous('1.0.0', [file('a'), file('b')]), version, files)
  })

  it.each([
    ['a new file', '1.0.1', 'minor', '1.1.0', [file('a'), file('b'), file('c')]],
    ['a file that is gone', '1.1.0', 'major', '2.0.0', [file('a')]],
    ['another content', '1.0.1', 'major', '2.0.0', [file('a'), file('b', 'x')]]
  ])('refuses %s as %s, and says what it is', async (_, version, required, next, files) => {
    const refused = check(previous('1.0.0', [file('a'), file('b')]), version, files)
    await expect(refused).rejects.toMatchObject({ name: 'VersionRuleError', details: { required, previous: '1.0.0', version } })
    await expect(refused).rejects.toThrow(`after 1.0.0 it is ${next}, and not ${version}`)
  })

  it('believes that data in another format is the same when columns and rows are', async () => {
    const before = previous('1.0.0', [file('a.csv'), file('b.csv')], [['a.csv', 2], ['b.csv', 3]])
    await check(before, '1.0.1', [file('all.parquet')], tables(['all.parquet', 5]))
    await expect(check(before, '1.0.1', [file('all.parquet')], tables(['all.parquet', 4]))).rejects.toMatchObject({ name: 'VersionRuleError' })
    await expect(check(before, '1.0.1', [file('all.parquet')])).rejects.toMatchObject({ name: 'VersionRuleError' })
  })

  it('takes rows at the end of a table of text for what has come, and nothing else', async () => {
    const before = (text: string): DatasetBundle => Object.assign(previous('1.0.0', [file('a.csv')]), {
      files: async function * () { yield await Promise.resolve({ path: 'data/a.csv', cid: root('before'), type: 'file', size: BigInt(text.length) }) },
      stream: () => bytesOf(text)
    })
    const grown = [{ ...file('a.csv'), bytes: 10n }, file('b')]
    await check(before(rows), '1.1.0', grown)
    await expect(check(before(rows), '1.0.1', grown)).rejects.toMatchObject({ details: { required: 'minor', gone: [], added: ['data/a.csv', 'data/b'] } })
    await expect(check(before('a\n2\n'), '1.1.0', grown)).rejects.toMatchObject({ details: { required: 'major', gone: ['data/a.csv'] } })
    await expect(check(before(rows), '1.1.0', [file('b')])).rejects.toMatchObject({ details: { required: 'major' } })
  })

  it('lets anything change before 1.0.0', async () => {
    await check(previous('0.1.0', [file('a')]), '0.1.1', [file('b')])
  })
})

it.each([['1.2.3', '2.0.0', 'major'], ['1.2.3', '1.3.0', 'minor'], ['1.2.3', '1.2.4', 'patch']] as const)('from %s to %s is a %s step', (a, b, step) => {
  expect(stepBetween(a, b)).toBe(step)
  expect(after(a, step)).toBe(b)
})
