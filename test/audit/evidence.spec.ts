import { describe, expect, it } from 'vitest'
import { evidenceBundleInit } from '../../src/audit/evidence.ts'
import { decodeCanonicalJson } from '../../src/format/canonical-json.ts'
import { decodeDelegation } from '../../src/format/delegation.ts'
import { decodeStatement } from '../../src/format/statement.ts'
import { miner, resultOf, root, statementOf, task } from './fixtures.ts'
import type { SignedStatement } from '../../src/interface/bundle.ts'
import type { Store, StoredBundle } from '../../src/interface/store.ts'
import type { Verdict } from '../../src/interface/verdict.ts'

const ok: Verdict = {
  miner: miner(1), ref: 'urn:1', status: 'ok', reason: 'good', elapsedMs: 5, result: resultOf(miner(1), 'a'),
  statement: statementOf(miner(1), root('a')).statement
}
const gone: Verdict = { miner: miner(2), ref: 'urn:2', status: 'unavailable', reason: 'nobody has it', elapsedMs: 7 }

const store = storeWith({})

/** A store with these bundles and nothing else in it. */
function storeWith (records: Record<string, Partial<StoredBundle>>): Pick<Store, 'record'> {
  return { record: root => records[root.toString()] as StoredBundle | undefined }
}

describe('evidenceBundleInit', () => {
  it('links task and results, and keeps statements and verdicts', () => {
    const { files, manifest } = evidenceBundleInit({ task, taskId: '0', verdicts: { verdicts: [ok, gone], agreements: [] } }, undefined, store)
    expect(files.map(({ name }) => name)).toEqual(['task', `results/${miner(1)}`, `statements/${miner(1)}.json`, 'verdicts.json'])
    expect(files[0]).toEqual({ name: 'task', cid: task.cid })
    expect(manifest(root('content'))).toMatchObject({ kind: 'evidence', answers: task.cid.toString(), task: { taskId: '0' } })
  })

  it('writes statements that decode, and verdicts without times', () => {
    const { files } = evidenceBundleInit({
      task, taskId: '0', verdicts: { verdicts: [ok, gone], agreements: [{ content: '0x01', miners: [miner(1)] }] }, scores: { [miner(1)]: 1 }
    }, undefined, store)
    const bytes = (name: string): Uint8Array => {
      const file = files.find(file => file.name === name)
      return file !== undefined && 'bytes' in file ? file.bytes : new Uint8Array()
    }
    expect(decodeStatement(bytes(`statements/${miner(1)}.json`))).toEqual(ok.statement)
    expect(decodeCanonicalJson(bytes('verdicts.json'), { bytesMax: 10_000 })).toEqual({
      verdicts: [{ miner: miner(1), ref: 'urn:1', status: 'ok', reason: 'good' },
        { miner: miner(2), ref: 'urn:2', status: 'unavailable', reason: 'nobody has it' }],
      agreements: [{ content: '0x01', miners: [miner(1)] }],
      scores: { [miner(1)]: 1 }
    })
  })

  it('keeps the delegation by which a statement counts', () => {
    const delegation = { node: miner(5), until: '9', time: '0', signature: `0x${'01'.repeat(65)}` as const }
    const { files } = evidenceBundleInit({ task, taskId: '0', verdicts: { verdicts: [{ ...ok, delegation }, gone], agreements: [] } }, undefined, store)
    const file = files.find(({ name }) => name === `delegations/${miner(1)}.json`)
    expect(file !== undefined && 'bytes' in file && decodeDelegation(file.bytes)).toEqual(delegation)
  })

  it('keeps the statements that verdicts are about, beside the one that was accepted', () => {
    const other = (text: string): SignedStatement => ({ ...statementOf(miner(1), root(text)), statement: { ...statementOf(miner(1), root(text)).statement, signature: `0x${text.repeat(130)}` } })
    const accepted = { signer: miner(1), statement: ok.statement! }
    const { files } = evidenceBundleInit({
      task, taskId: '0', verdicts: {
        verdicts: [{ ...ok, statements: [other('a'), accepted] }, { ...gone, statements: [other('b'), other('c')] }, { ...gone, statements: [other('d')] },
          { ...gone, miner: 'nobody' as never, statements: [other('e')] }],
        agreements: []
      }
    }, undefined, store)
    const statements = files.filter(({ name }) => name.startsWith('statements/'))
    expect(statements.map(({ name }) => name)).toEqual(
      [`${miner(1)}.json`, `${miner(1)}.1.json`, `${miner(2)}.1.json`, `${miner(2)}.2.json`, `${miner(2)}.3.json`].map(name => `statements/${name}`))
  })

  it('writes whose a copy is, what comes from the future, and what was compared', () => {
    const future = [{ signer: miner(2), statement: { ...statementOf(miner(2), root('a')).statement, time: '99' } }]
    const { files } = evidenceBundleInit({
      task, taskId: '0', verdicts: {
        verdicts: [{ ...gone, status: 'copied', copiedFrom: miner(1), futureStatements: future, statements: future, error: new Error('x') }],
        agreements: [], comparisons: [{ contents: ['0x01', '0x02'], score: 0.5 }, { contents: ['0x01', '0x03'], error: 'late' }]
      }
    }, undefined, store)
    const file = files.find(({ name }) => name === 'verdicts.json')
    expect(decodeCanonicalJson(file !== undefined && 'bytes' in file ? file.bytes : new Uint8Array(), { bytesMax: 10_000 })).toEqual({
      verdicts: [{
        miner: miner(2), ref: 'urn:2', status: 'copied', reason: 'nobody has it', copiedFrom: miner(1),
        futureStatements: [{ signer: miner(2), time: '99' }]
      }],
      agreements: [],
      comparisons: [{ contents: ['0x01', '0x02'], score: 0.5 }, { contents: ['0x01', '0x03'], error: 'late' }]
    })
  })

  it.each([5, [5], 'x', {}])('refuses %j as comparisons', comparisons => {
    const verdicts = { verdicts: [], agreements: [], comparisons } as never
    expect(() => evidenceBundleInit({ task, taskId: '0', verdicts }, undefined, store))
      .toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
  })

  it('is for anyone only when anyone may read all that it links', () => {
    const restricted = { ...ok, result: { ...resultOf(miner(1), 'a'), access: 'restricted' as const } }
    const readers = (verdict: Verdict): unknown =>
      evidenceBundleInit({ task, taskId: '0', verdicts: { verdicts: [verdict], agreements: [] } }, undefined, store).readers
    expect(readers(ok)).toBe('anyone')
    expect(readers(restricted)).toEqual([])
  })

  it.each([
    [{ readers: 'anyone', embargoed: false }, 'anyone'], [{ readers: 'anyone', embargoed: true }, []],
    [{ readers: [miner(1)], embargoed: false }, []], [{ readers: () => true, embargoed: false }, []]
  ] as const)('goes by who may read here what it links: of %j by %j', (record, expected) => {
    const records = storeWith({ [task.cid.toString()]: record })
    const { readers } = evidenceBundleInit({ task, taskId: '0', verdicts: { verdicts: [ok], agreements: [] } }, undefined, records)
    expect(readers).toEqual(expected)
  })

  it('refuses two results of one miner', () => {
    expect(() => evidenceBundleInit({ task, taskId: '0', verdicts: { verdicts: [ok, ok], agreements: [] } }, undefined, store))
      .toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
  })
})
