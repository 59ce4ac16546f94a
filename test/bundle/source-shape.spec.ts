import { describe, expect, test } from 'vitest'
import { entriesMax } from '../../src/limits.ts'
import { checkSources } from '../../src/bundle/source-shape.ts'
import { InvalidArgumentError, InvalidNameError } from '../../src/errors.ts'
import { TestDag } from './dags.ts'

async function * stream (): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(1)
}

const cid = new TestDag().raw('x')

describe('takes', () => {
  test.for([
    { path: './x' }, { text: '' }, { bytes: new Uint8Array() }, { bytes: Buffer.from('x') }, { stream: stream() }, { cid }, { cid: 'text' }
  ])('%#', content => {
    expect(() => { checkSources([{ name: 'a', ...content }]) }).not.toThrow()
  })

  test('no files at all, and a path beside files below its name', () => {
    expect(() => { checkSources([]) }).not.toThrow()
    expect(() => { checkSources([{ name: 'd', path: 'd' }, { name: 'd/x', text: 'x' }]) }).not.toThrow()
  })
})

describe('refuses as an argument', () => {
  test.for([
    undefined, 'file', {}, [undefined], ['./path'], [null], [{}], [{ name: 'a' }], [{ text: 'x' }], [{ name: 1, text: 'x' }],
    [{ name: 'a', text: 'x', bytes: new Uint8Array() }], [{ name: 'a', text: 1 }], [{ name: 'a', text: '\ud800' }], [{ name: 'a', path: '' }],
    [{ name: 'a', path: 'x\0y' }], [{ name: 'a', bytes: 'x' }], [{ name: 'a', bytes: [1] }], [{ name: 'a', stream: [Uint8Array.of(1)] }],
    [{ name: 'a', cid: 5 }], [{ name: 'a', cid: {} }], [{ name: 'a', text: undefined }]
  ])('%j', files => {
    expect(() => { checkSources(files) }).toThrow(InvalidArgumentError)
  })
})

describe('refuses as a name', () => {
  test.for([
    '', '.', '..', '../x', '/x', 'a/', 'a//b', 'a/../b', 'a\\b', 'nul\0', 'line\nbreak', 'bidi\u202e', 'x'.repeat(256)
  ])('%j', name => {
    expect(() => { checkSources([{ name, text: 'x' }]) }).toThrow(InvalidNameError)
  })

  test('one that is there twice, or is a file and a directory', () => {
    expect(() => { checkSources([{ name: 'a', path: 'x' }, { name: 'a', path: 'y' }]) }).toThrow(InvalidNameError)
    expect(() => { checkSources([{ name: 'a', text: 'x' }, { name: 'a/b', text: 'y' }]) }).toThrow(InvalidNameError)
    expect(() => { checkSources([{ name: 'a/b', text: 'x' }, { name: 'a', cid }]) }).toThrow(InvalidNameError)
  })

  test('refuses more files than a bundle may have before it looks at any, and takes as many', () => {
    const files = ['a', 'b', 'c'].map(name => ({ name, text: 'x' }))
    expect(() => { checkSources(files, 3) }).not.toThrow()
    expect(() => { checkSources([...files, 'none'], 3) }).toThrow(expect.objectContaining({
      name: 'LimitExceededError', details: { limit: 'entriesMax', max: 3, actual: 4 }
    }))
    expect(() => { checkSources({ length: 1 }) }).toThrow(InvalidArgumentError)
    expect(() => { checkSources(Array.from({ length: entriesMax + 1 })) }).toThrow(`A bundle may have ${entriesMax}`)
  })
})
