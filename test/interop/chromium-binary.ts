import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const installTimeoutMs = 10 * 60_000

/** A browser without a window, at one page. */
export interface Browser extends AsyncDisposable {
  /** What it wrote about itself, for when nothing comes of it. */
  readonly said: string
}

/**
 * Name of a Chromium: `$CHROMIUM`, the one that is installed, or Debian's package, which is installed when that is allowed.
 *
 * Rejects when there is none: a browser that was not tried is a failure.
 */
export async function chromiumBinary (): Promise<string> {
  const { CHROMIUM } = process.env
  if (CHROMIUM !== undefined && CHROMIUM !== '') return CHROMIUM
  if (await isInstalled()) return 'chromium'
  if (process.getuid?.() !== 0) throw new Error('There is no chromium: install Debian\'s package of that name, or say in CHROMIUM where one is')
  const options = { timeout: installTimeoutMs, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  await run('apt-get', ['update'], options)
  await run('apt-get', ['install', '--yes', '--no-install-recommends', 'chromium'], options)
  return 'chromium'
}

/** Opens a page in a browser with a profile of its own. */
export async function openPage (binary: string, url: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'datanode-chromium-'))
  const child = spawn(binary, [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking',
    `--user-data-dir=${profile}`, '--remote-debugging-port=0', url
  ], { stdio: ['ignore', 'ignore', 'pipe'] })
  const exited = once(child, 'exit')
  let said = ''
  child.stderr.on('data', (data: Buffer) => { said = `${said}${data.toString()}`.slice(-4096) })
  return {
    get said () { return said },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await exited
      await rm(profile, { recursive: true, force: true, maxRetries: 10 })
    }
  }
}

async function isInstalled (): Promise<boolean> {
  return await run('chromium', ['--version']).then(() => true, () => false)
}
