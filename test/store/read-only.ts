import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { chmod } from 'node:fs/promises'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from './fixtures.ts'

const run = promisify(execFile)

/** The bit of CAP_SYS_ADMIN among the capabilities of a process (linux/capability.h). */
const mountingBit = 21n

const isRoot = process.getuid?.() === 0

/** True when file systems can be mounted: root in a container often may not. */
export const canMount: boolean = isRoot && mayMount()

/** True when a directory can be made read-only for this user. */
export const canLock: boolean = !isRoot || canMount

if (!canLock) console.warn('=== NOT TRIED: what needs a read-only directory. This is root, without the right to mount. ===')

/** A directory that can be made read-only, and the code of what is refused in it then. */
export interface LockableDirectory {
  path: string
  makeReadOnly(): Promise<string>
  makeWritable(): Promise<void>
}

/** For root a file system of its own, because nothing else stops root; for others a directory without the right to write. */
export async function lockableDirectory (): Promise<LockableDirectory> {
  const path = await temporaryDirectory()
  if (!isRoot) {
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

function mayMount (): boolean {
  try {
    const [, capabilities = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    return (BigInt(`0x${capabilities}`) >> mountingBit & 1n) === 1n
  } catch {
    return false
  }
}
