import { expect, test } from 'vitest'
import { fetchedRecord, readDelegations, readStatements } from '../../src/bundle/fetched-record.ts'
import { encodeDelegation, signDelegation } from '../../src/format/delegation.ts'
import { digestOf } from '../../src/format/digest.ts'
import { encodeStatement, signStatement } from '../../src/format/statement.ts'
import { delegationsMax, statementsMax } from '../../src/limits.ts'
import { TestDag } from './dags.ts'
import { testIdentity } from './fixtures.ts'
import type { Manifest } from '../../src/interface/manifest.ts'
import type { Access } from '../../src/interface/statement.ts'

const root = new TestDag().directory([])
const session = { chainId: '1', queue: `0x${'cc'.repeat(20)}` as const, sessionId: '7' }

async function statement (key: number, access: Access = 'anyone'): Promise<Uint8Array> {
  const zero = `0x${'0'.repeat(64)}` as const
  const body = { kind: 'task', root: digestOf(root), answers: zero, access, salt: zero, time: '1' }
  return encodeStatement(await signStatement(body, async digest => testIdentity(key).sign(digest)))
}

test('knows the task of results and evidence, what they answer, and the session of tasks, without their unknown fields', () => {
  const base = { format: 'cortensor-bundle', version: '1.0' } as const
  const record = (manifest: object): object => fetchedRecord(root, { ...base, ...manifest } as Manifest, { access: 'anyone', statements: [] })
  expect(record({ kind: 'task', session: { ...session, more: 1 } })).toMatchObject({ kind: 'task', session })
  expect(record({ kind: 'task', session: { ...session, more: 1 } })).toHaveProperty('session', session)
  const answers = root.toString()
  expect(record({ kind: 'result', answers, task: { ...session, taskId: '0', more: 1 } })).toHaveProperty('answers', root)
  expect(record({ kind: 'result', answers, task: { ...session, taskId: '0', more: 1 } })).toHaveProperty('task', { ...session, taskId: '0' })
  expect(record({ kind: 'evidence', answers, task: { ...session, taskId: '0' } })).toHaveProperty('answers', root)
  expect(record({ kind: 'evidence', answers, task: { ...session, taskId: '0' } })).toHaveProperty('task', { ...session, taskId: '0' })
  expect(record({ kind: 'note', task: { ...session, taskId: '0' } })).not.toHaveProperty('task')
})

test('calls what has no manifest unixfs', () => {
  expect(fetchedRecord(root, undefined, { access: 'anyone', statements: [] })).toMatchObject({ kind: 'unixfs', readers: 'anyone' })
})

test('is restricted to the signers when either the provider or a signer says so', async () => {
  const [one, two] = [testIdentity(1).address, testIdentity(2).address]
  const readers = async (access: Access, ...statements: Promise<Uint8Array>[]): Promise<unknown> =>
    fetchedRecord(root, undefined, { access, statements: await Promise.all(statements) }).readers
  expect(await readers('anyone', statement(1))).toBe('anyone')
  expect(await readers('restricted', statement(1), statement(1), statement(2))).toEqual([one, two])
  expect(await readers('anyone', statement(1), statement(2, 'restricted'))).toEqual([one, two])
  expect(await readers('restricted')).toEqual([])
})

test('reads as many statements as travel with a root', async () => {
  const statements = await Promise.all(Array.from({ length: statementsMax + 1 }, async (_, i) => statement(i + 1)))
  expect(readStatements(root, statements).length).toBe(statementsMax)
})

test('reads a statement once, however often it is asked for while its bytes are there', async () => {
  const bytes = await statement(1)
  const [[one], [again], [copy]] = [readStatements(root, [bytes]), readStatements(root, [bytes]), readStatements(root, [bytes.slice()])]
  expect(again).toBe(one)
  expect(copy).toEqual(one)
  expect(copy).not.toBe(one)
  // That it was read once says nothing of another root.
  expect(readStatements(new TestDag().file([], Uint8Array.of(1)), [bytes])).toEqual([])
})

test('keeps the delegations of wallets that name a signer, with what those signed later, and no others', async () => {
  const wallet = async (by: number, node: number, time: string): Promise<Uint8Array> => encodeDelegation(await signDelegation(
    { node: testIdentity(node).address, until: '9', time }, async digest => testIdentity(by).sign(digest)))
  const delegations = [await wallet(7, 1, '1'), await wallet(8, 2, '1'), new Uint8Array(3), await wallet(7, 3, '5')]
  const lines: string[] = []
  const record = fetchedRecord(root, undefined, { access: 'restricted', statements: [await statement(1)], delegations }, line => lines.push(line))
  expect(record.delegations?.map(({ wallet, delegation: { time } }) => [wallet, time])).toEqual([
    [testIdentity(7).address, '1'], [testIdentity(7).address, '5']])
  expect(lines).toHaveLength(1)
  // Whoever signs that another node speaks for it has not become a reader of what that one published.
  expect(record.readers).toEqual([testIdentity(1).address])
  expect(fetchedRecord(root, undefined, { access: 'anyone', statements: [] })).not.toHaveProperty('delegations')
})

test('reads as many delegations as travel with a root', async () => {
  const statements = readStatements(root, [await statement(1)])
  const delegations = await Promise.all(Array.from({ length: delegationsMax + 1 }, async (_, i) => encodeDelegation(await signDelegation(
    { node: testIdentity(1).address, until: '9', time: '1' }, async digest => testIdentity(i + 2).sign(digest)))))
  expect(readDelegations(root, delegations, { statements })).toHaveLength(delegationsMax)
})
