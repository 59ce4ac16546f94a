/**
 * Measures what no store can do better: sha-256 of the same bytes, and writing and syncing them without names that last, once as
 * one file in writes of 1 MiB and once as the files that a store of one file a block has, 8 at a time. The slower is told.
 * Arguments: directory, number of the run, `sha256` or `write-fsync`, and `heavy` to include what takes long.
 */
import { hash } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { bytesOf, largeWorks, latency, makeFiles, report, smallWorks, timed } from './store-work.ts'
import type { WorkFile } from './store-work.ts'

const [home = '', run = '0', limit = '', heavy] = process.argv.slice(2)
const mebibyte = 1024 * 1024
const concurrency = 8
const measured = limit === 'sha256' ? hashBlocks : writeBlocks

for (const work of smallWorks) {
  const ms = await latency(async round => await measured(blocksOf(makeFiles(work, round))))
  report({ work, op: 'limit', ms, bytes: bytesOf(makeFiles(work, 0)) })
}
for (const work of heavy === 'heavy' ? [...largeWorks, '20000-blocks' as const] : largeWorks) {
  const files = makeFiles(work, Number(run))
  report({ work, op: 'limit', ms: await measured(blocksOf(files)), bytes: bytesOf(files) })
}

/** As many blocks as files, or of one mebibyte. */
function blocksOf (files: readonly WorkFile[]): Uint8Array[] {
  return files.flatMap(({ bytes }) =>
    Array.from({ length: Math.ceil(bytes.byteLength / mebibyte) }, (_, i) => bytes.subarray(i * mebibyte, (i + 1) * mebibyte)))
}

async function hashBlocks (blocks: readonly Uint8Array[]): Promise<number> {
  return await timed(async () => {
    for (const block of blocks) hash('sha256', block, 'buffer')
    await Promise.resolve()
  })
}

async function writeBlocks (blocks: readonly Uint8Array[]): Promise<number> {
  const folder = join(home, 'limit')
  await mkdir(folder, { recursive: true })
  try {
    const one = await timed(async () => { await writeOne(join(folder, 'one'), blocks) })
    const many = await timed(async () => { await writeMany(folder, blocks) })
    return Math.max(one, many)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function writeOne (path: string, blocks: readonly Uint8Array[]): Promise<void> {
  await using file = await open(path, 'wx')
  const bytes = Buffer.concat(blocks)
  for (let at = 0; at < bytes.byteLength; at += mebibyte) await file.write(bytes, at, Math.min(mebibyte, bytes.byteLength - at))
  await file.sync()
}

async function writeMany (folder: string, blocks: readonly Uint8Array[]): Promise<void> {
  const queue = blocks.entries()
  await Promise.all(Array.from({ length: concurrency }, async () => {
    for (const [index, block] of queue) {
      await using file = await open(join(folder, String(index)), 'wx')
      await file.write(block)
      await file.sync()
    }
  }))
}
