import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import type { Address } from '../../src/interface/primitives.ts'
import { startProgram } from '../store/children.ts'
import { Acknowledged } from './acknowledged.ts'
import { checkRepo } from './check-repo.ts'
import { fastDirectory } from './directories.ts'
import { Random, rounds, seed } from './random.ts'

const program = join(import.meta.dirname, 'programs', 'node-child.ts')
const roundsPerHome = 10

for (const work of ['publish', 'fetch', 'release', 'collect', 'open']) {
  test(`keeps what was acknowledged when the process is killed during ${work}`, async () => {
    const references = work === 'fetch' ? await publishElsewhere() : []
    const random = new Random(`kill/${work}`)
    const cache = await fastDirectory()
    let acknowledgements = 0
    for (let home = 0; home * roundsPerHome < rounds; home++) {
      const directory = await fastDirectory()
      const acknowledged = new Acknowledged()
      // Both survive the end of a process.
      const env = { NODE_COMPILE_CACHE: cache, FAULT_DURABILITY: home % 2 === 0 ? 'power-cut' : 'process-crash' }
      for (let round = 0; round < roundsPerHome && home * roundsPerHome + round < rounds; round++) {
        const label = `seed ${seed}, ${work}, home ${home}, round ${round}`
        const opening = work === 'open' && round > 0
        if (opening) await damageIndex(directory, random)
        const lines = await killedAt(random, [program, directory, work, `${seed}/${work}/${home}/${round}`, ...references], env, opening)
        acknowledged.take(lines)
        acknowledgements += lines.filter(line => line.startsWith('kept')).length
        const [address = ''] = await readdir(directory)
        if (address === '') continue
        const { kept } = await checkRepo(join(directory, address), { label, acknowledged: acknowledged.roots, address: address as Address })
        for (const root of acknowledged.roots) expect(kept, label).toContain(root)
      }
      await rm(directory, { recursive: true })
    }
    expect(acknowledgements).toBeGreaterThan(0)
  })
}

/** What a child had printed when it was killed at some moment. */
async function killedAt (random: Random, arguments_: string[], env: Record<string, string>, opening: boolean): Promise<string[]> {
  const child = await startProgram(arguments_, { env })
  // Often soon after a promise resolved, and sometimes anywhere.
  await child.printed(opening ? 1 : 3 + random.below(5))
  await setTimeout(opening ? random.next() * 300 : random.next() ** 2 * 60)
  await child.kill()
  return child.lines
}

/** Leaves the index as a crash or a drive may leave it, so that opening has more to do. */
async function damageIndex (home: string, random: Random): Promise<void> {
  const [address = ''] = await readdir(home)
  const data = join(home, address, 'data')
  const names = address === '' ? [] : await readdir(data).catch(() => [])
  if (names.length === 0 || random.below(2) === 0) return
  if (random.below(2) === 0) await rm(data, { recursive: true })
  else await rm(join(data, random.pick(names)))
}

/** References to bundles that another node has. */
async function publishElsewhere (): Promise<string[]> {
  const node = await createDataNode({ home: ':memory:', privateKey: 'generate', listen: ['/ip4/127.0.0.1/tcp/0'] })
  onTestFinished(() => node.stop())
  const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' } as const
  const references: string[] = []
  for (let n = 0; n < 12; n++) {
    const bytes = new Uint8Array(n % 3 === 2 ? 1_300_000 : 3000).fill(n)
    await using task = await node.publishTaskBundle({ session, prompt: n, files: [{ name: 'file', bytes }] }, { readers: 'anyone' })
    references.push(task.ticket)
  }
  return references
}
