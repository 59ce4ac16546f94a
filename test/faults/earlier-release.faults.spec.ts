import { cp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startProgram } from '../store/children.ts'
import { checkRepo } from './check-repo.ts'
import { fastDirectory } from './directories.ts'
import { Random, rounds, seed } from './random.ts'

const repositories = join(import.meta.dirname, '..', 'store', 'repositories')
const program = join(import.meta.dirname, 'programs', 'open-earlier.ts')
const owner = '0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a'

interface Expected { cid: string, held: boolean, revealed: boolean }

test('makes a repository of the release before its own, whenever it is killed while it does', async () => {
  const expected = JSON.parse(await readFile(join(repositories, '1.json'), 'utf8')) as Expected[]
  const kept = expected.filter(({ held, revealed }) => held || !revealed).map(({ cid }) => cid)
  const random = new Random('earlier release')
  const directory = await fastDirectory()
  const cache = await fastDirectory()
  const versions = new Set<string>()
  for (let round = 0; round < rounds; round++) {
    const path = join(directory, String(round))
    await cp(join(repositories, '1'), path, { recursive: true })
    if (round % 3 === 0) await rm(join(path, 'data'), { recursive: true })
    const child = await startProgram([program, path, owner], { env: { NODE_COMPILE_CACHE: cache } })
    await setTimeout(random.next() ** 2 * 150)
    await child.kill()
    versions.add(await readFile(join(path, 'version'), 'utf8'))
    const label = `seed ${seed}, round ${round}`
    const { listed } = await checkRepo(path, { label, acknowledged: kept, address: owner })
    expect([...listed].sort(), label).toEqual(expected.map(({ cid }) => cid).sort())
    expect(await readFile(join(path, 'version'), 'utf8'), label).toBe('2\n')
    await rm(path, { recursive: true })
  }
  expect([...versions].every(version => ['1\n', '2\n'].includes(version))).toBe(true)
})
