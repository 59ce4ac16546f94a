import { execFile, spawn } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { text } from 'node:stream/consumers'

const run = promisify(execFile)
const buildTimeoutMs = 10 * 60_000
const runTimeoutMs = 2 * 60_000

/** Bytes as Go's JSON has them. */
export type Base64 = string

/** The proof that a tree of `Size` entries has the one at `Index`. */
export interface GoInclusion {
  Index: number
  Size: number
  Proof: Base64[] | null
}

/** The proof that a tree of `Later` entries begins with that of `Earlier`. */
export interface GoConsistency {
  Earlier: number
  Later: number
  Proof: Base64[] | null
}

/** What Go is asked: see `tlog/main.go`. */
export interface GoRequest {
  Entries: Base64[]
  Sizes: number[]
  Seed: Base64
  Name: string
  Text: string
  Inclusion: GoInclusion[]
  Consistency: GoConsistency[]
  Notes: { Key: string, Note: string, Text: string }[]
  Tiles: Record<string, Base64>
}

/** What Go says. */
export interface GoAnswer {
  Refused: string[]
  Checked: number
  Roots: Base64[]
  Inclusion: GoInclusion[]
  Consistency: GoConsistency[]
  Tiles: Record<string, Base64>
  Key: string
  Note: string
}

/** Builds the program in `tlog/`, and returns its path. It needs Go, and the module proxy the first time. */
export async function buildTlog (): Promise<string> {
  const cache = join(import.meta.dirname, '..', '..', 'node_modules', '.cache')
  await mkdir(cache, { recursive: true })
  const binary = join(cache, 'tlog')
  await run('go', ['build', '-o', binary, '.'], { cwd: join(import.meta.dirname, 'tlog'), timeout: buildTimeoutMs })
  return binary
}

/** Runs the program on one request. */
export async function askTlog (binary: string, request: GoRequest): Promise<GoAnswer> {
  const go = spawn(binary, { stdio: ['pipe', 'pipe', 'pipe'], timeout: runTimeoutMs })
  go.stdin.end(JSON.stringify(request))
  const [answer, error] = await Promise.all([text(go.stdout), text(go.stderr)])
  if (answer === '') throw new Error(`Go said nothing: ${error}`)
  return JSON.parse(answer) as GoAnswer
}
