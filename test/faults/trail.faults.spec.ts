import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { decodeCheckpoint } from '../../src/format/checkpoint.ts'
import { decodeNote } from '../../src/format/signed-note.ts'
import { createDataNode } from '../../src/index.ts'
import { verifyConsistency } from '../../src/merkle/consistency.ts'
import { startProgram } from '../store/children.ts'
import { fastDirectory } from './directories.ts'
import { Random, rounds, seed } from './random.ts'
import type { TreeHead } from '../../src/interface/merkle.ts'

const program = join(import.meta.dirname, 'programs', 'trail-child.ts')
const roundsPerHome = 10

test('continues every checkpoint that was shown, with every statement once, when the process is killed', async () => {
  const random = new Random('trail')
  const cache = await fastDirectory()
  let shown = 0
  for (let home = 0; home * roundsPerHome < rounds; home++) {
    const directory = await fastDirectory()
    const heads: TreeHead[] = []
    const roots = new Set<string>()
    for (let round = 0; round < roundsPerHome && home * roundsPerHome + round < rounds; round++) {
      const child = await startProgram([program, directory, `${seed}/${home}/${round}`], { env: { NODE_COMPILE_CACHE: cache } })
      await child.printed(3 + random.below(60))
      await setTimeout(random.next() ** 2 * 60)
      await child.kill()
      for (const line of child.lines) {
        const [what, about = ''] = line.split(' ')
        if (what === 'kept') roots.add(about)
        if (what === 'checkpoint') heads.push(decodeCheckpoint(decodeNote(Buffer.from(about, 'base64')).text))
      }
      await checkTrail(directory, { heads, roots }, `seed ${seed}, home ${home}, round ${round}`)
    }
    shown += heads.length
    await rm(directory, { recursive: true })
  }
  expect(shown).toBeGreaterThan(0)
})

/** Opens the node again, and holds its trail against what the killed ones showed, and against what is stored. */
async function checkTrail (home: string, { heads, roots }: { heads: readonly TreeHead[], roots: ReadonlySet<string> }, label: string): Promise<void> {
  await using node = await createDataNode({ home, privateKey: '11'.repeat(32) })
  const later = await node.audit.checkpoint()
  for (const earlier of heads) verifyConsistency({ earlier, later }, await node.audit.proveConsistency(earlier.size))
  const digests: string[] = []
  const logged = new Set<string>()
  for await (const { digest, cid } of node.audit.entries()) {
    digests.push(digest)
    if (cid !== undefined) logged.add(cid.toString())
  }
  expect(new Set(digests).size, label).toBe(later.size)
  const stored: string[] = []
  for await (const { cid } of node.list()) stored.push(cid)
  expect([...logged].sort(), label).toEqual(stored.sort())
  expect([...roots].filter(root => !logged.has(root)), label).toEqual([])
}
