import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const run = promisify(execFile)
const child = join(import.meta.dirname, 'staging-child.ts')
const blocks = 24_000
/** About a hundred are usual, and several hundred when objects that are gone in a moment are made for long. */
const bytesMax = 240

async function garbageOfBlock (): Promise<number> {
  const { stdout } = await run(process.execPath, ['--expose-gc', '--max-semi-space-size=1', child, String(blocks)], { timeout: 25_000 })
  return Number(stdout)
}

test('leaves little of a small block where only a look through all of the heap finds that it is gone', async () => {
  let least = Infinity
  // When V8 looks depends on how fast the machine is: what is made for long is there each time.
  for (let round = 0; round < 3 && least >= bytesMax; round++) least = Math.min(least, await garbageOfBlock())
  expect(least).toBeLessThan(bytesMax)
}, 90_000)
