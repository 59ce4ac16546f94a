import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { generateBytes } from '../bundle/unixfs-cases.ts'
import { startProgram } from '../store/children.ts'
import { fastDirectory } from './directories.ts'
import { Random, rounds, seed } from './random.ts'
import type { FileSource } from '../../src/interface/source.ts'

const program = join(import.meta.dirname, 'programs', 'mirror-child.ts')
const mib = 1024 * 1024
const fileBytes = 2 * mib
const versionFiles = [6, 9, 12]
/** What may come again after a kill: what had come and was not on disk, by all that is asked for ahead. */
const lostBytesMax = 4 * mib
const listen = ['/ip4/127.0.0.1/tcp/0']

/** How many times the mirror is killed: each takes a second, of which most is its start. */
const kills = Math.max(3, Math.round(rounds / 10))

test('a mirror that is killed goes on with what it has, holds every version, and serves them when the publisher is gone', async () => {
  const random = new Random('mirror')
  const [directory, cache] = [await fastDirectory(), await fastDirectory()]
  const files = Array.from({ length: versionFiles.at(-1) ?? 0 }, (_, n): FileSource => ({ name: `${n}`, bytes: generateBytes(n, fileBytes) }))
  const total = files.length * fileBytes
  let [fetched, there] = [0, 0]
  const name = await (async () => {
    // Slow enough to be killed in the middle of it.
    await using publisher = await createDataNode({ home: ':memory:', privateKey: 'generate', listen, uploadBytesPerSecond: 20 * mib })
    let previous: string | undefined
    for (const [minor, count] of versionFiles.entries()) {
      await using version = await publisher.datasets.publish({
        name: 'kept', version: `1.${minor}.0`, files: files.slice(0, count), ...previous === undefined ? {} : { previous }
      })
      previous = version.urn
    }
    const name = `${publisher.account}/kept`
    for (let round = 0; round <= kills; round++) {
      const child = await startProgram([program, directory, name, ...publisher.multiaddrs], { env: { NODE_COMPILE_CACHE: cache } })
      if (round < kills) {
        // A few of the pieces that come: versions follow one another.
        await child.printed(2 + random.below(4))
        await setTimeout(random.next() ** 2 * 60)
      } else {
        for (let count = 1; !child.lines.some(line => line.startsWith('all ')); count++) await child.printed(count)
      }
      await child.kill()
      const [first = ''] = child.lines.filter(line => line.startsWith('bytes '))
      there += Number(first.split(' ')[2] ?? 0)
      fetched += fetchedBy(child.lines)
    }
    return name
  })()
  const label = `seed ${seed}`
  expect(there, label).toBeGreaterThan(0)
  expect(fetched, label).toBeLessThan(total + kills * lostBytesMax)

  await using mirror = await createDataNode({ home: directory, privateKey: '22'.repeat(32), listen, storage: { quota: '1GiB', keepFree: 0 } })
  expect((await mirror.verify()).damaged, label).toEqual([])
  await using reader = await createDataNode({ home: ':memory:', privateKey: 'generate' })
  const providers = [...mirror.multiaddrs]
  expect((await Array.fromAsync(reader.datasets.versions(name, { providers }))).map(({ version }) => version)).toEqual(['1.2.0', '1.1.0', '1.0.0'])
  await using found = await reader.datasets.fetch(name, { providers })
  expect(Buffer.from(await found.bytes('data/11')).equals(generateBytes(11, fileBytes)), label).toBe(true)
})

/** Bytes that came: of each fetch the last that was said. */
function fetchedBy (lines: readonly string[]): number {
  let [sum, last] = [0, 0]
  for (const line of lines) {
    const [what, count] = line.split(' ')
    if (what !== 'bytes') continue
    if (Number(count) < last) sum += last
    last = Number(count)
  }
  return sum + last
}
