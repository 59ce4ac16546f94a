import { expect, test } from 'vitest'
import { findBlock } from '../../src/evm/find-block.ts'

const times = [5n, 5n, 7n, 7n, 7n, 9n]
const chain = {
  block: async (number: bigint) => {
    const time = times[Number(number)]
    return time === undefined ? undefined : { number, hash: '0x' as const, time }
  }
}

test.each([
  [0n, 0n], [5n, 0n], [6n, 2n], [7n, 2n], [8n, 5n], [9n, 5n], [10n, 6n]
])('the first block of time %d or later is block %d', async (time, expected) => {
  expect(await findBlock(chain, time, 0n, 5n, {})).toBe(expected)
})

test('looks at no block outside of the range', async () => {
  expect(await findBlock(chain, 0n, 3n, 4n, {})).toBe(3n)
  expect(await findBlock(chain, 9n, 3n, 4n, {})).toBe(5n)
  await expect(findBlock(chain, 9n, 0n, 20n, {})).rejects.toThrow('There is no block 10 any more')
})
