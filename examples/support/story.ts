// What the programs have in common that start all others and tell what becomes of them.
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Program } from './program.ts'

const startedAt = performance.now()

/** Makes a directory for repositories. Interrupted, the story ends every program, and leaves no file behind. */
export async function temporaryHome (name: string): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), `${name}-`))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      Program.endAll()
      rmSync(home, { recursive: true, force: true })
      process.exit(130)
    })
  }
  return home
}

/** Tells what happened, and when. */
export function say (line: string): void {
  console.log(`${((performance.now() - startedAt) / 1000).toFixed(1).padStart(5)} s  ${line}`)
}

/** Says how many expectations held, and which did not. Then the program ends with 1. */
export function conclude (expectations: Readonly<Record<string, boolean>>): void {
  const sentences = Object.keys(expectations)
  const failed = sentences.filter(sentence => expectations[sentence] !== true)
  for (const sentence of failed) console.log(`FAILED: ${sentence}`)
  if (failed.length > 0) process.exitCode = 1
  console.log(failed.length === 0 ? `all ${sentences.length} expectations held` : `${failed.length} of ${sentences.length} expectations did not hold`)
}
