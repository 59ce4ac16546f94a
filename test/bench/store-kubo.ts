/**
 * Measures Kubo through the HTTP API of a daemon that is offline, so that the start of a process counts nowhere: `add` in the
 * same profile with flatfs as it is by default, which syncs; `cat` of a file or `get` of a directory; `pin/add`; `repo/gc`.
 * Arguments: directory, number of the run, path of the binary, and `heavy` to include what takes long.
 */
import { execFile } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startProgram } from './program.ts'
import { besideCollection, bytesOf, largeWorks, latency, makeFiles, report, smallWorks, timed } from './store-work.ts'
import type { Work, WorkFile } from './store-work.ts'

const [home = '', run = '0', binary = '', heavy] = process.argv.slice(2)
const env = { IPFS_PATH: join(home, 'kubo'), IPFS_TELEMETRY: 'off' }
await mkdir(env.IPFS_PATH, { recursive: true })
await promisify(execFile)(binary, ['init', '--empty-repo', '--profile=test,autoconf-off,unixfs-v1-2025'], { env: { ...process.env, ...env } })
const daemon = await startProgram({
  command: binary, args: ['daemon', '--offline'], cwd: home, env, readyWhen: 'Daemon is ready', stopSignal: 'SIGINT'
})
try {
  const [, , , , port = ''] = (await readFile(join(env.IPFS_PATH, 'api'), 'utf8')).trim().split('/')
  await measure(`http://127.0.0.1:${port}/api/v0`)
} finally {
  await daemon.stop()
}

async function measure (api: string): Promise<void> {
  for (const work of smallWorks) {
    const publish = async (round: number): Promise<number> => (await add(api, makeFiles(work, round))).ms
    report({ work, op: 'publish', ms: await latency(publish), bytes: bytesOf(makeFiles(work, 0)) })
  }
  for (const work of largeWorks) {
    const root = await addAndRead(api, work)
    if (work === '1x256MiB') report({ work, op: 'hold', ms: await timed(async () => { await (await call(api, `pin/add?arg=${root}`)).text() }) })
  }
  if (heavy !== 'heavy') return
  await addAndRead(api, '20000-blocks')
  const publish = async (round: number): Promise<number> => (await add(api, makeFiles('20x2KB', 1000 + round), true)).ms
  const collect = async (): Promise<void> => { await (await call(api, 'repo/gc?quiet=true')).text() }
  report({ work: '20000-blocks', op: 'collect', ...await besideCollection(collect, publish) })
}

async function addAndRead (api: string, work: Work): Promise<string> {
  const files = makeFiles(work, Number(run))
  const bytes = bytesOf(files)
  const { root, ms } = await add(api, files)
  report({ work, op: 'publish', ms, bytes })
  let read = 0
  const readMs = await timed(async () => {
    const [{ name } = { name: '' }] = files
    const { body } = await call(api, files.length === 1 ? `cat?arg=${root}/${name}` : `get?arg=${root}&archive=true`)
    for await (const piece of body ?? []) read += (piece as Uint8Array).byteLength
  })
  if (read < bytes) throw new Error(`${read} bytes of ${bytes} were read`)
  report({ work, op: 'read', ms: readMs, bytes })
  return root
}

/** The body is made before the clock starts. */
async function add (api: string, files: readonly WorkFile[], pin = false): Promise<{ root: string, ms: number }> {
  const form = new FormData()
  for (const { name, bytes } of files) form.append('file', new Blob([new Uint8Array(bytes)]), `work/${name}`)
  let text = ''
  const ms = await timed(async () => {
    const response = await call(api, `add?quieter=true&progress=false&pin=${pin}`, form)
    text = await response.text()
  })
  const last = JSON.parse(text.trim().split('\n').at(-1) ?? '') as { Hash: string }
  return { root: last.Hash, ms }
}

async function call (api: string, path: string, body?: FormData): Promise<Response> {
  const response = await fetch(`${api}/${path}`, { method: 'POST', ...body === undefined ? {} : { body } })
  if (!response.ok) throw new Error(`Kubo answers ${response.status} to ${path}: ${await response.text()}`)
  return response
}
