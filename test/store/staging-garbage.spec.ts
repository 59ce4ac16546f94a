import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const child = join(import.meta.dirname, 'staging-child.ts')
const blocks = 24_000
/** About a hundred are usual, on a busy machine up to 260; from 500 on when objects that are gone in a moment are made for long. */
const bytesMax = 400

async function garbageOfBlock (): Promise<number> {
  const { stdout } = await run(process.execPath, ['--expose-gc', '--max-semi-space-size=1', child, String(blocks)], { timeout: 25_000 })
  return Number(stdout)
}

test('leaves little of a small block where only a look through all of the heap finds that it is gone', async () => {
  const rounds: number[] = []
  // When V8 looks depends on how fast the machine is, so one round says little.
  for (let round = 0; round < 3; round++) rounds.push(await garbageOfBlock())
  expect(rounds.sort((a, b) => a - b)[1]).toBeLessThan(bytesMax)
}, 90_000)
