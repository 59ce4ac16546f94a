import { execFile } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from './fixtures.ts'

const run = promisify(execFile)

/** A directory that can be made read-only, and the code of what is refused in it then. */
export interface LockableDirectory {
  path: string
  makeReadOnly(): Promise<string>
  makeWritable(): Promise<void>
}

/** For root a file system of its own, because nothing else stops root; for others a directory without the right to write. */
export async function lockableDirectory (): Promise<LockableDirectory> {
  const path = await temporaryDirectory()
  if (process.getuid?.() !== 0) {
    onTestFinished(async () => chmod(path, 0o700))
    return {
      path,
      makeReadOnly: async () => { await chmod(path, 0o555); return 'EACCES' },
      makeWritable: async () => { await chmod(path, 0o700) }
    }
  }
  await mountTmpfs(path)
  return {
    path,
    makeReadOnly: async () => { await run('mount', ['-o', 'remount,ro', path]); return 'EROFS' },
    makeWritable: async () => { await run('mount', ['-o', 'remount,rw', path]) }
  }
}

/** A file system of so many bytes. Only root can mount one. */
export async function tinyFileSystem (bytes: number): Promise<string> {
  const path = await temporaryDirectory()
  await mountTmpfs(path, `size=${bytes}`)
  return path
}

async function mountTmpfs (path: string, options = 'size=64m'): Promise<void> {
  await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path])
  onTestFinished(async () => { await run('umount', ['-l', path]) })
}
