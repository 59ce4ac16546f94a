/**
 * What the compliance suite of blockstores expects to find as `aegir/chai`: the words that it uses, and no others. Chai itself with its
 * plugins would change what every other spec in this process asserts with.
 */
import assert from 'node:assert/strict'

/** Assertions about a value, or about what a promise of it resolves with. */
class Assertion {
  readonly #value: unknown
  #isDeep = false
  #isLater = false

  constructor (value: unknown) {
    this.#value = value
  }

  get to (): this { return this }
  get be (): this { return this }
  get of (): this { return this }
  get have (): this { return this }

  get deep (): this {
    this.#isDeep = true
    return this
  }

  get eventually (): this {
    this.#isLater = true
    return this
  }

  get rejected (): Later {
    return new Later(Promise.resolve(this.#value).then(
      () => assert.fail('it was not rejected'),
      (error: unknown) => error
    ))
  }

  equal (expected: unknown): unknown {
    const check = (value: unknown): undefined => {
      if (this.#isDeep) assert.deepEqual(value, expected)
      else assert.equal(value, expected)
    }
    if (this.#isLater) return Promise.resolve(this.#value).then(check)
    check(this.#value)
    return undefined
  }

  lengthOf (length: number): void {
    assert.equal((this.#value as { length: number }).length, length)
  }

  property (name: string, expected: unknown): void {
    assert.equal((this.#value as Record<string, unknown>)[name], expected)
  }

  ok (): void { assert.ok(this.#value) }
  true (): void { assert.equal(this.#value, true) }
  false (): void { assert.equal(this.#value, false) }
}

/** Assertions about a value that is still to come. */
class Later implements PromiseLike<unknown> {
  readonly #value: Promise<unknown>

  constructor (value: Promise<unknown>) {
    this.#value = value
  }

  get with (): this { return this }
  get that (): this { return this }

  property (name: string, ...expected: unknown[]): Later {
    return new Later(this.#value.then(value => {
      const property = (value as Record<string, unknown>)[name]
      if (expected.length > 0) assert.equal(property, expected[0])
      return property
    }))
  }

  include (text: string): Later {
    return new Later(this.#value.then(value => { assert.ok(String(value).includes(text), `${String(value)} includes ${text}`) }))
  }

  then<A = unknown, B = never> (
    onValue?: ((value: unknown) => A | PromiseLike<A>) | null, onError?: ((error: unknown) => B | PromiseLike<B>) | null
  ): Promise<A | B> {
    return this.#value.then<A, B>(onValue, onError)
  }
}

export function expect (value: unknown): Assertion {
  return new Assertion(value)
}
