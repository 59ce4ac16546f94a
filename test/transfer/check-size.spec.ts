import { expect, test } from 'vitest'
import { LimitExceededError, StorageFullError } from '../../src/errors.ts'
import { checkSize } from '../../src/transfer/check-size.ts'
import type { WantedBlocks } from '../../src/transfer/provider-turn.ts'

const provider = { peer: 'the peer', name: '0xabc' }

function turn (announce?: (bytes: number) => void): { bytesMax: number, frontier: WantedBlocks } {
  return { bytesMax: 100, frontier: { ...announce === undefined ? {} : { announce } } as WantedBlocks }
}

test('passes on what may come, up to the bound', () => {
  const announced: number[] = []
  for (const size of [0, 100]) checkSize(size, turn(bytes => { announced.push(bytes) }), provider)
  checkSize(100, turn(), provider)
  expect(announced).toEqual([0, 100])
})

test('refuses more than may be fetched, and says who announced it', () => {
  const call = (): void => { checkSize(101, turn(() => expect.fail()), provider) }
  expect(call).toThrow(LimitExceededError)
  expect(call).toThrow(expect.objectContaining({ details: { limit: 'bytesMax', max: 100, actual: 101, announcedBy: 'the peer' } }))
})

test('says who announced what can never be stored', () => {
  const call = (): void => { checkSize(50, turn(() => { throw new StorageFullError('full', { needed: 50 }) }), provider) }
  expect(call).toThrow(expect.objectContaining({ name: 'StorageFullError', details: { needed: 50, announcedBy: 'the peer' } }))
})

test('lets any other error through', () => {
  const error = new Error('closed')
  expect(() => { checkSize(50, turn(() => { throw error }), provider) }).toThrow(error)
})
