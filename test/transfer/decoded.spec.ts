import { describe, expect, it } from 'vitest'
import { decoded } from '../../src/transfer/decoded.ts'

function * numbers (count: number): Generator<number> {
  for (let number = 0; number < count; number++) yield number
  throw new RangeError('no more')
}

const faultOf = (cause: unknown): Error => new Error('the provider is at fault', { cause })

describe('decoded', () => {
  it('gives what is decoded, and then the provider\'s fault', () => {
    const found: number[] = []
    expect(() => { for (const number of decoded(numbers(2), faultOf)) found.push(number) }).toThrow(faultOf(new RangeError('no more')))
    expect(found).toEqual([0, 1])
  })

  it('ends with the decoder', () => {
    expect([...decoded([1, 2][Symbol.iterator](), faultOf)]).toEqual([1, 2])
  })

  it('calls nothing a fault that is thrown by whoever takes it', () => {
    expect(() => { for (const number of decoded(numbers(2), faultOf)) throw new TypeError(`${number} cannot be used`) }).toThrow(TypeError)
  })
})
