import { expect, test } from 'vitest'
import type { ScrubPass } from '../../src/interface/verify.ts'
import { scrubPauseMs } from '../../src/limits.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { Scrub } from '../../src/store/scrub.ts'
import type { ScrubInit } from '../../src/store/scrub.ts'
import type { StoreParts } from '../../src/store/store-parts.ts'
import { largeDag } from './dags.ts'
import { hurt, partsWith, UnreadableFileSystem } from './hurt.ts'

const dag = largeDag('large', 6)
const bytes = dag.blocks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)

test('checks everything, and again a day after it ended', async () => {
  const fileSystem = new UnreadableFileSystem(new MemoryFileSystem())
  const { scrub, passes, time, pass } = await makeScrub(await partsWith([dag], { fileSystem }))
  expect(scrub.last).toBeUndefined()
  scrub.start()
  await pass(1)
  await hurt(fileSystem, '/repository', dag, 2, 'flipped')
  // The next one may have been at that block before.
  await pass(passes.length + 2)
  expect(passes[0]).toEqual({ endedAt: passes[0]?.endedAt, blocks: 7, bytes, damaged: 0 })
  expect(passes.at(-1)).toMatchObject({ damaged: 1 })
  expect(scrub.last).toEqual(passes.at(-1))
  expect(time.waits).toContain(scrubPauseMs)
  await scrub.stop()
})

test('reads no faster than it may', async () => {
  const { scrub, time, pass, passes } = await makeScrub(await partsWith([dag]), { bytesPerSecond: 1024 * 1024 })
  const startedAt = time.at
  scrub.start()
  await pass(1)
  const seconds = ((passes[0]?.endedAt ?? 0) - startedAt) / 1000
  expect(bytes).toBeLessThanOrEqual((seconds + 1) * 1024 * 1024 + 256 * 1024)
  expect(seconds).toBeGreaterThan(0)
  await scrub.stop()
})

test('counts the last pass of an earlier run, unless it is said to be in the future', async () => {
  for (const [agoMs, waitMs] of [[1_000, scrubPauseMs - 1_000], [scrubPauseMs, 0], [-1_000, 0]] as const) {
    const earlier = (at: number): TestInit => ({ last: { endedAt: at - agoMs, blocks: 1, bytes: 1, damaged: 1 } })
    const { scrub, passes, time, pass } = await makeScrub(await partsWith([dag]), earlier)
    expect(scrub.last).toMatchObject({ blocks: 1 })
    const startedAt = time.at
    scrub.start()
    await pass(1)
    expect((passes[0]?.endedAt ?? 0) - startedAt).toBe(waitMs)
    await scrub.stop()
  }
})

test('begins again later when it breaks off, and says so', async () => {
  const parts = await partsWith([dag])
  parts.index.blocksOf = () => { throw new Error('no index') }
  const { scrub, time, lines, waited } = await makeScrub(parts)
  scrub.start()
  await waited()
  expect(lines[0]).toBe('checking what is stored broke off, and begins again later: Error: no index')
  expect(time.waits[0]).toBe(scrubPauseMs)
  await scrub.stop()
  expect(scrub.last).toBeUndefined()
})

test('ends in the middle of a pass when it is stopped or its signal is aborted, and begins only once', async () => {
  for (const end of ['stop', 'abort'] as const) {
    const { scrub, passes, waited } = await makeScrub(await partsWith([dag]), { bytesPerSecond: 1, hangs: true })
    const abort = new AbortController()
    scrub.start({ signal: abort.signal })
    scrub.start({ signal: abort.signal })
    await waited()
    if (end === 'abort') abort.abort(new Error('enough'))
    await scrub.stop()
    await scrub.stop()
    expect(passes).toEqual([])
  }
})

test('does not begin under a signal that was aborted', async () => {
  const { scrub, time } = await makeScrub(await partsWith([dag]))
  scrub.start({ signal: AbortSignal.abort() })
  await scrub.stop()
  expect(time.waits).toEqual([])
  expect(scrub.last).toBeUndefined()
})

interface ScrubTest {
  scrub: Scrub
  passes: ScrubPass[]
  lines: string[]
  time: { at: number, waits: number[] }
  /** Resolves after so many passes. */
  pass (count: number): Promise<void>
  /** Resolves when it waits. */
  waited (): Promise<void>
}

type TestInit = Partial<ScrubInit> & { hangs?: boolean }

/** Time passes only while it waits; with `hangs` it does not pass at all. */
async function makeScrub (parts: StoreParts, given: TestInit | ((at: number) => TestInit) = {}): Promise<ScrubTest> {
  const time = { at: 1_700_000_000_000, waits: [] as number[] }
  const init = typeof given === 'function' ? given(time.at) : given
  const passes: ScrubPass[] = []
  const lines: string[] = []
  const wait = async (ms: number, { signal }: { signal?: AbortSignal | undefined }): Promise<void> => {
    time.waits.push(ms)
    if (init.hangs === true) await new Promise((_, reject) => { signal?.addEventListener('abort', () => { reject(new Error('aborted')) }) })
    await new Promise(setImmediate)
    if (signal?.aborted === true) throw new Error('aborted')
    time.at += ms
  }
  const scrub = new Scrub({
    parts, clock: () => time.at, log: line => lines.push(line), onPass: pass => passes.push(pass), time: { now: () => time.at, wait }
  }, { bytesPerSecond: 1e9, ...init })
  return {
    scrub,
    passes,
    lines,
    time,
    pass: async count => { await expect.poll(() => passes.length, { interval: 1, timeout: 10_000 }).toBeGreaterThanOrEqual(count) },
    waited: async () => { await expect.poll(() => time.waits.length, { interval: 1, timeout: 10_000 }).toBeGreaterThan(0) }
  }
}
