import { describe, expect, test } from 'vitest'
import { EntryPaths } from '../../src/bundle/entry-paths.ts'
import { InvalidNameError, LimitExceededError } from '../../src/errors.ts'

test('takes a directory as often as it is said', () => {
  const paths = new EntryPaths(3)
  paths.addDirectory('a')
  paths.addFile('a/b')
  paths.addDirectory('a')
  paths.addFile('a/c')
})

describe('refuses', () => {
  test.for([
    ['a file twice', ['a'], ['a']],
    ['a file where a directory is', ['a/b'], ['a']],
    ['a file below a file', ['a'], ['a/b']],
    ['a file far below a file', ['a'], ['a/b/c']]
  ] as const)('%s', ([, first, second]) => {
    const paths = new EntryPaths(9)
    for (const path of first) paths.addFile(path)
    for (const path of second) expect(() => { paths.addFile(path) }).toThrow(InvalidNameError)
  })

  test('a directory where a file is', () => {
    const paths = new EntryPaths(9)
    paths.addFile('a')
    expect(() => { paths.addDirectory('a') }).toThrow(InvalidNameError)
    expect(() => { paths.addDirectory('a/b') }).toThrow(InvalidNameError)
  })
})

test('counts files and directories, also those that are only in a path', () => {
  const paths = new EntryPaths(3)
  paths.addFile('a/b/c')
  expect(() => { paths.addFile('a/b/d') }).toThrow(LimitExceededError)
})

test('knows nothing of what was added before it was cleared', () => {
  const paths = new EntryPaths(3)
  paths.addFile('a/b/c')
  paths.clear()
  paths.addFile('a/b/d')
  paths.clear()
  paths.addFile('a')
})
