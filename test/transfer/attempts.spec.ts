import { describe, expect, it } from 'vitest'
import {
  CorruptTransferError, InvalidDagError, LimitExceededError, PeerUnreachableError, RefusedError, StorageError, StorageFullError,
  TimedOutError, UnavailableError
} from '../../src/errors.ts'
import { fetchError, outcomeOf } from '../../src/transfer/attempts.ts'
import { leaf } from '../format/dags.ts'
import type { DataNodeError } from '../../src/errors.ts'
import type { ProviderAttempt } from '../../src/interface/transfer.ts'

const { cid: root } = leaf('root')

function ended (outcome: ProviderAttempt['outcome'], error: DataNodeError = new UnavailableError(`it is ${outcome}`)): Parameters<typeof fetchError>[1][number] {
  return { attempt: { provider: outcome, outcome, reason: error.message, bytes: 0, elapsedMs: 1, timeline: [] }, error }
}

describe('outcomeOf', () => {
  it.each([
    [new CorruptTransferError('x'), 'corrupt'],
    [new TimedOutError('x'), 'timed-out'],
    [new PeerUnreachableError('x'), 'lost'],
    [new RefusedError('x', { status: 'busy' }), 'busy'],
    [new RefusedError('x', { status: 'bad-request' }), 'bad-request'],
    [new UnavailableError('x', { status: 'embargoed' }), 'embargoed'],
    [new UnavailableError('x', { status: 'not-available' }), 'not-available'],
    [new LimitExceededError('x', { announcedBy: 'peer' }), 'too-large'],
    [new StorageFullError('x', { announcedBy: 'peer' }), 'too-large']
  ])('names how %o ends a turn', (error, outcome) => {
    expect(outcomeOf(error)).toBe(outcome)
  })

  it.each([new LimitExceededError('x'), new StorageFullError('x'), new InvalidDagError('x'), new StorageError('x'), new TypeError('x'), 'x'])(
    'leaves alone %o, in which another provider would end as well', (error) => {
      expect(outcomeOf(error)).toBeUndefined()
    })
})

describe('fetchError', () => {
  it.each([
    [[ended('corrupt')], CorruptTransferError],
    [[ended('corrupt'), ended('corrupt')], CorruptTransferError],
    [[ended('unreachable'), ended('corrupt')], CorruptTransferError],
    [[ended('timed-out')], TimedOutError],
    [[ended('busy'), ended('bad-request')], RefusedError],
    [[ended('too-large')], LimitExceededError],
    [[ended('too-large'), ended('not-available')], LimitExceededError],
    [[ended('too-large', new StorageFullError('no room'))], StorageFullError],
    [[ended('too-large', new StorageFullError('no room')), ended('not-available'), ended('unreachable')], StorageFullError],
    [[ended('too-large', new StorageFullError('no room')), ended('lost')], UnavailableError],
    [[ended('too-large'), ended('corrupt')], UnavailableError],
    [[ended('corrupt'), ended('not-available')], UnavailableError],
    [[ended('not-available')], UnavailableError],
    [[ended('embargoed'), ended('lost')], UnavailableError],
    [[ended('unreachable')], UnavailableError],
    [[ended('corrupt'), ended('timed-out')], UnavailableError],
    [[], UnavailableError]
  ])('makes one error of %j', (attempts, type) => {
    const error = fetchError(root, attempts)
    expect(error).toBeInstanceOf(type)
    expect(error.details).toMatchObject({ root: root.toString(), attempts: attempts.map(({ attempt }) => attempt) })
  })

  it('says in a sentence who was asked and what each said, and in another one what to do', () => {
    expect(fetchError(root, [ended('not-available'), ended('lost')]).message).toBe(
      `${root.toString()} could not be fetched from any of 2 providers: it is not-available; it is lost. Try again, or name another provider`)
    expect(fetchError(root, [ended('unreachable')]).message).toBe(
      `${root.toString()} could not be fetched from the only provider: it is unreachable. ` +
      'Check that the providers run and can be reached from here, or name another one')
    expect(fetchError(root, []).message).toBe(
      `Nobody could be asked for ${root.toString()}: no provider was named and this node has no router. Name one that has it`)
  })

  it.each([
    ['embargoed', 'revealed'], ['too-large', 'bytesMax'], ['busy', 'in a moment'], ['timed-out', 'nearer'], ['not-available', 'reader'],
    ['corrupt', 'another provider'], ['bad-request', 'update']
  ] as const)('has advice for one that is %s', (outcome, word) => {
    expect(fetchError(root, [ended(outcome)]).message).toContain(word)
  })

  it('keeps the evidence of the last error', () => {
    const last = new CorruptTransferError('wrong', { peer: 'liar', cid: 'block' })
    expect(fetchError(root, [ended('corrupt', last)])).toMatchObject({ cause: last, details: { peer: 'liar', cid: 'block' } })
  })
})
