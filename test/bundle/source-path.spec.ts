import { execFileSync } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, readdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSourcePath } from '../../src/bundle/source-path.ts'
import { InvalidNameError, LimitExceededError, SourceChangedError, SourceUnreadableError } from '../../src/errors.ts'
import { directoryDepthMax } from '../../src/limits.ts'
import { all } from './dags.ts'
import { generateBytes } from './unixfs-cases.ts'
import type { SourceEntry } from '../../src/bundle/source-entry.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'datanode-source-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true })
})

async function open (path: string, entriesMax = 100): Promise<SourceEntry[]> {
  return all(openSourcePath(path, 'n', entriesMax))
}

async function pieces (path: string, signal?: AbortSignal): Promise<AsyncIterator<Uint8Array>> {
  const [entry] = await open(path)
  if (entry?.type !== 'file') throw new Error('not a file')
  return entry.open({ signal })[Symbol.asyncIterator]()
}

/** Descriptors of this process that are open on a file below the test's directory. */
async function openDescriptors (): Promise<number> {
  if (process.platform !== 'linux') return 0
  const { readlink } = await import('node:fs/promises')
  const links = await Promise.all((await readdir('/proc/self/fd')).map(async fd => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
  return links.filter(link => link.startsWith(directory)).length
}

test('walks a directory in order, hidden files and empty directories included', async () => {
  await mkdir(join(directory, 'b/empty'), { recursive: true })
  await writeFile(join(directory, '.hidden'), '')
  await writeFile(join(directory, 'b/c'), '')
  await writeFile(join(directory, 'a'), '')
  expect((await open(directory)).map(({ type, path }) => [type, path])).toEqual([
    ['directory', 'n'], ['file', 'n/.hidden'], ['file', 'n/a'], ['directory', 'n/b'], ['file', 'n/b/c'], ['directory', 'n/b/empty']
  ])
})

test('reads a file of several pieces, and closes it', async () => {
  const content = generateBytes(1, 2 * 1024 * 1024 + 3)
  await writeFile(join(directory, 'f'), content)
  const iterator = await pieces(join(directory, 'f'))
  const read: Buffer[] = []
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) read.push(Buffer.from(next.value))
  expect(Buffer.concat(read).equals(content)).toBe(true)
  expect(await openDescriptors()).toBe(0)
})

describe('refuses, naming the path', () => {
  test('what is missing', async () => {
    await expect(open(join(directory, 'missing'))).rejects.toThrow(SourceUnreadableError)
    await expect(open(join(directory, 'missing'))).rejects.toThrow(join(directory, 'missing'))
  })

  test('a symbolic link, given or found', async () => {
    await symlink('/etc', join(directory, 'link'))
    await expect(open(join(directory, 'link'))).rejects.toThrow(/is a symbolic link/)
    await expect(open(directory)).rejects.toThrow(SourceUnreadableError)
  })

  test('a pipe, without waiting for a writer', async () => {
    execFileSync('mkfifo', [join(directory, 'pipe')])
    await expect(open(directory)).rejects.toThrow(/is a pipe/)
  })

  test('a device', async () => {
    await expect(open('/dev/null')).rejects.toThrow(/is a device/)
  })

  test.runIf(process.platform === 'linux')('a file that has more than it says', async () => {
    await expect((await pieces('/proc/self/status')).next()).rejects.toThrow(SourceChangedError)
  })

  test('what the system does not open', async () => {
    await expect(open(join(directory, 'n'.repeat(300)))).rejects.toThrow(SourceUnreadableError)
    await writeFile(join(directory, 'f'), '')
    await expect(open(join(directory, 'f/below'))).rejects.toThrow(SourceUnreadableError)
  })

  test('a name that cannot be in a bundle', async () => {
    await writeFile(join(directory, 'a\\b'), '')
    await expect(open(directory)).rejects.toThrow(InvalidNameError)
  })

  test('a file that a link has taken the place of', async () => {
    await writeFile(join(directory, 'f'), 'x')
    const iterator = await pieces(join(directory, 'f'))
    await rm(join(directory, 'f'))
    await symlink('/etc/hostname', join(directory, 'f'))
    await expect(iterator.next()).rejects.toThrow(SourceUnreadableError)
  })

  test('a directory that a link has taken the place of', async () => {
    await mkdir(join(directory, 'a'))
    await mkdir(join(directory, 'b'))
    await expect((async () => {
      for await (const { path } of openSourcePath(directory, 'n', 100)) {
        if (path !== 'n/b') continue
        await rm(join(directory, 'b'), { recursive: true })
        await symlink(join(directory, 'a'), join(directory, 'b'))
      }
    })()).rejects.toThrow(SourceChangedError)
  })

  test('a file that a directory has taken the place of', async () => {
    await writeFile(join(directory, 'f'), 'x')
    const iterator = await pieces(join(directory, 'f'))
    await rm(join(directory, 'f'))
    await mkdir(join(directory, 'f'))
    await expect(iterator.next()).rejects.toThrow(SourceUnreadableError)
  })
})

test('takes as many entries of one directory as it may, and refuses one more', async () => {
  await Promise.all(['a', 'b', 'c'].map(async name => writeFile(join(directory, name), '')))
  await expect(open(directory, 3)).resolves.toHaveLength(4)
  await expect(open(directory, 2)).rejects.toThrow(LimitExceededError)
})

test('takes directories as deep as a bundle may be, and refuses one more', async () => {
  const deep = join(directory, ...Array.from({ length: directoryDepthMax }, () => 'd'))
  await mkdir(deep, { recursive: true })
  await expect(open(directory)).resolves.toHaveLength(directoryDepthMax + 1)
  await writeFile(join(deep, 'f'), '')
  await expect(open(directory)).rejects.toThrow(InvalidNameError)
})

describe('notices a file that changes while it is read', () => {
  const size = 3 * 1024 * 1024
  const changes: [string, (path: string) => Promise<void>][] = [
    ['by growing', async path => appendFile(path, 'x')],
    ['by shrinking', async path => truncate(path, 5)],
    ['by being written over', async path => utimes(path, 1, 1)],
    ['by being replaced', async path => {
      await writeFile(`${path}.new`, Buffer.alloc(size))
      await rename(`${path}.new`, path)
    }],
    ['by being removed', async path => rm(path)]
  ]
  test.for(changes)('%s', async ([, change]) => {
    const path = join(directory, 'f')
    await writeFile(path, Buffer.alloc(size))
    const iterator = await pieces(path)
    await iterator.next()
    await change(path)
    const rest = (async () => {
      while ((await iterator.next()).done !== true);
    })()
    await expect(rest).rejects.toThrow(SourceChangedError)
    expect(await openDescriptors()).toBe(0)
  })
})

test('closes the file when the reader leaves or its signal is aborted', async () => {
  const path = join(directory, 'f')
  await writeFile(path, Buffer.alloc(3 * 1024 * 1024))
  const left = await pieces(path)
  await left.next()
  await left.return?.()
  const abort = new AbortController()
  const aborted = await pieces(path, abort.signal)
  await aborted.next()
  const reason = new Error('enough')
  abort.abort(reason)
  await expect(aborted.next()).rejects.toBe(reason)
  expect(await openDescriptors()).toBe(0)
})
