import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What a program that has mounts of its own printed, or why there could be none. */
export type MountedRun = { ran: true, lines: string[] } | { ran: false, reason: string }

/**
 * Runs a program in a mount namespace of its own, after a shell command in it. Its mounts are gone with it, however it ends.
 * Without the right to mount, a user namespace is tried.
 */
export async function runMounted (mount: string, program: string, arguments_: readonly string[]): Promise<MountedRun> {
  const reasons: string[] = []
  for (const namespaces of [['-m'], ['-U', '-r', '-m']]) {
    const refused = await run('unshare', [...namespaces, 'sh', '-c', mount]).then(() => undefined, (error: unknown) => String(error))
    if (refused !== undefined) {
      reasons.push(refused.trim().replaceAll('\n', ' '))
      continue
    }
    const command = `${mount} && exec "$0" "$@"`
    const path = join(import.meta.dirname, 'programs', program)
    const { stdout } = await run('unshare', [...namespaces, 'sh', '-c', command, process.execPath, path, ...arguments_],
      { maxBuffer: 64 * 1024 * 1024 })
    return { ran: true, lines: stdout.split('\n').filter(line => line !== '') }
  }
  return { ran: false, reason: reasons.join('; ') }
}

/** Says so that nobody overlooks it that a fault was not tried; fails where it was expected to be. */
export function notTried (fault: string, reason: string): void {
  const line = '!'.repeat(100)
  console.warn(`\n${line}\n!! NOT TRIED: ${fault}\n!! ${reason}\n${line}\n`)
  if (process.env['EXPECT_POWER_CUT'] === '1') throw new Error(`${fault} was expected to be tried: ${reason}`)
}
