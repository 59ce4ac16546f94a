import { cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStore } from '../../src/store/store.ts'
import { address } from '../store/dags.ts'
import { checkRepo } from './check-repo.ts'
import { fastDirectory } from './directories.ts'
import { cached, fill, held, textOf } from './operations.ts'
import { Random, seed } from './random.ts'

/** Ways to damage the files of LevelDB whose names match. */
const damages: Record<string, (data: string, random: Random) => Promise<void>> = {
  'all of it is deleted': async data => rm(data, { recursive: true }),
  'CURRENT is deleted': async data => rm(join(data, 'CURRENT')),
  'CURRENT names nothing': async data => writeFile(join(data, 'CURRENT'), 'MANIFEST-999999\n'),
  'CURRENT is emptied': async data => truncate(join(data, 'CURRENT')),
  'the manifest is deleted': async data => forFiles(data, /^MANIFEST/, async file => rm(file)),
  'the manifest is cut': async data => forFiles(data, /^MANIFEST/, async (file, bytes) => truncate(file, bytes.byteLength >> 1)),
  'the logs are deleted': async data => forFiles(data, /\.log$/, async file => rm(file)),
  'the logs are cut': async (data, random) => forFiles(data, /\.log$/, async (file, bytes) => truncate(file, random.below(bytes.byteLength))),
  'a byte of each log is flipped': async (data, random) => forFiles(data, /\.log$/, async (file, bytes) => flip(file, bytes, random)),
  'the tables are deleted': async data => forFiles(data, /\.ldb$/, async file => rm(file)),
  'the tables are emptied': async data => forFiles(data, /\.ldb$/, async file => truncate(file)),
  'a byte of the manifest is flipped': async (data, random) => forFiles(data, /^MANIFEST/, async (file, bytes) => flip(file, bytes, random))
}

for (const [title, damage] of Object.entries(damages)) {
  test(`lists everything when ${title}`, async () => {
    const template = await filledRepository()
    const directory = await fastDirectory()
    const random = new Random(title)
    for (let round = 0; round < 10; round++) {
      const path = join(directory, String(round))
      await cp(template, path, { recursive: true })
      await damage(join(path, 'data'), random)
      const label = `seed ${seed}, ${title}, round ${round}`
      // What is found to be lost is put right by the next open.
      const store = await openStore({ path, address })
      expect((await store.verify(undefined)).damaged, label).toEqual([])
      await store.close()
      const { listed } = await checkRepo(path, { label, acknowledged: textOf([...held, ...cached]) })
      expect(listed.size, label).toBe(held.length + cached.length)
      await rm(path, { recursive: true })
    }
  })
}

/** A repository whose index is in tables, and in a log beside them. */
async function filledRepository (): Promise<string> {
  const path = join(await fastDirectory(), 'template')
  // Opening writes the log of the last time into a table.
  for (let time = 0; time < 3; time++) {
    const store = await openStore({ path, address })
    await fill(store)
    for (const { root } of held) await store.update(root, { readers: time % 2 === 0 ? [address] : 'anyone' })
    await store.close()
  }
  expect((await readdir(join(path, 'data'))).some(name => name.endsWith('.ldb'))).toBe(true)
  return path
}

async function forFiles (data: string, names: RegExp, work: (file: string, bytes: Buffer) => Promise<void>): Promise<void> {
  let found = 0
  for (const name of await readdir(data)) {
    const file = join(data, name)
    const bytes = names.test(name) ? await readFile(file) : Buffer.alloc(0)
    if (bytes.byteLength === 0) continue
    found++
    await work(file, bytes)
  }
  expect(found).toBeGreaterThan(0)
}

async function flip (file: string, bytes: Buffer, random: Random): Promise<void> {
  const at = random.below(bytes.byteLength)
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8))
  await writeFile(file, bytes)
}
