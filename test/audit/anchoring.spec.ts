import { beforeEach, afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { AnchorError, StoppedError } from '../../src/errors.ts'
import { Anchoring, createAnchoring } from '../../src/audit/anchoring.ts'
import { anchorRetryMsMax, anchorRetryMsMin, anchorTimeoutMs } from '../../src/limits.ts'
import { FakeAnchor } from './fake-anchor.ts'
import { memoryFiles } from './memory-files.ts'
import { numbered, openOn } from './trails.ts'
import type { AnchoringInit } from '../../src/audit/anchoring.ts'
import type { DurableFiles } from '../../src/interface/store.ts'
import type { Trail } from '../../src/audit/trail.ts'

const intervalMs = 3_600_000
let trail: Trail
let anchor: FakeAnchor
let files: DurableFiles
let lines: string[]

beforeEach(async () => {
  vi.useFakeTimers({ now: 1_700_000_000_000 })
  ;[trail, anchor, files, lines] = [await openOn(), new FakeAnchor(), memoryFiles(), []]
})
afterEach(() => { vi.useRealTimers() })

function flushed (): AnchoringInit['statements'] {
  return { flush: async () => await Promise.resolve(trail) }
}

async function started (change: Partial<AnchoringInit> = {}): Promise<Anchoring> {
  const log = (line: string): void => { lines.push(line) }
  const anchoring = new Anchoring({ anchor, intervalMs, files, statements: flushed(), clock: Date.now, random: () => 1, log, ...change })
  onTestFinished(async () => {
    vi.useRealTimers()
    await anchoring.stop()
  })
  anchoring.start()
  await vi.advanceTimersByTimeAsync(0)
  return anchoring
}

async function grow (count = 1): Promise<void> {
  await trail.append(numbered(count, trail.size))
}

const sizes = async (anchoring: Anchoring): Promise<number[]> => (await anchoring.anchored()).map(({ size }) => size)

test('anchors nothing before there is something, and then what is new after each interval', async () => {
  const anchoring = await started()
  expect([await sizes(anchoring), anchoring.health()]).toEqual([[], { anchor: anchor.id }])
  await grow(3)
  await vi.advanceTimersByTimeAsync(intervalMs)
  await grow(4)
  await vi.advanceTimersByTimeAsync(2 * intervalMs)
  expect(await sizes(anchoring)).toEqual([3, 7])
  expect(anchor.transactions).toHaveLength(2)
  expect(anchoring.health()).toEqual({ anchor: anchor.id, size: 7, time: '1700000000' })
})

test('anchors at once what an earlier process did not, and waits for the rest of the interval otherwise', async () => {
  await grow()
  const first = await started()
  expect(await sizes(first)).toEqual([1])
  await first.stop()
  await grow()
  await vi.advanceTimersByTimeAsync(intervalMs / 4)
  const second = await started()
  expect(await sizes(second)).toEqual([1])
  await vi.advanceTimersByTimeAsync(intervalMs * 3 / 4)
  expect(await sizes(second)).toEqual([1, 2])
})

test('anchors when the host asks, and by itself only then without an interval', async () => {
  const anchoring = await started({ intervalMs: Infinity })
  await grow(2)
  await vi.advanceTimersByTimeAsync(10 * intervalMs)
  expect(await sizes(anchoring)).toEqual([])
  expect((await anchoring.anchor()).size).toBe(2)
  expect(await sizes(anchoring)).toEqual([2])
})

test('says that it lags, tries again less and less often, and catches up with one transaction', async () => {
  await grow()
  anchor.fails = 'before'
  const anchoring = await started()
  expect(anchoring.health()).toEqual({ anchor: anchor.id, lastError: 'nobody answers', retryInMs: anchorRetryMsMin })
  await vi.advanceTimersByTimeAsync(anchorRetryMsMin)
  expect(anchoring.health().retryInMs).toBe(2 * anchorRetryMsMin)
  for (let n = 0; n < 20; n++) {
    await grow()
    await vi.advanceTimersByTimeAsync(anchorRetryMsMax)
  }
  expect(anchoring.health().retryInMs).toBeLessThanOrEqual(anchorRetryMsMax)
  anchor.fails = undefined
  await vi.advanceTimersByTimeAsync(anchorRetryMsMax)
  expect(anchoring.health()).toEqual({ anchor: anchor.id, size: 21, time: '1700000000' })
  expect(await sizes(anchoring)).toEqual([1, 21])
  expect(lines[0]).toBe('the audit trail is not anchored, and is tried again in 5 s: nobody answers')
})

test('goes on by itself after a call of the host failed, and does not call it a failure when the host gave up', async () => {
  const anchoring = await started({ intervalMs: Infinity })
  anchor.fails = 'after'
  await expect(anchoring.anchor()).rejects.toThrow(AnchorError)
  expect(anchoring.health().lastError).toBe('nobody answers any more')
  anchor.fails = undefined
  await vi.advanceTimersByTimeAsync(anchorRetryMsMin)
  expect(anchoring.health()).toMatchObject({ size: 0 })
  await grow()
  anchor.until = new Promise(() => {})
  const controller = new AbortController()
  const given = anchoring.anchor({ signal: controller.signal })
  await vi.waitUntil(() => anchor.transactions.length === 2)
  controller.abort(new Error('no more time'))
  await expect(given).rejects.toThrow('no more time')
  expect(anchoring.health()).not.toHaveProperty('lastError')
  await vi.advanceTimersByTimeAsync(anchorRetryMsMin)
  expect(await sizes(anchoring)).toEqual([0, 1])
  expect(anchor.transactions).toHaveLength(2)
})

test('gives up an anchor that does not end in its time', async () => {
  anchor.until = new Promise(() => {})
  await grow()
  const anchoring = await started()
  await vi.advanceTimersByTimeAsync(anchorTimeoutMs)
  expect(anchoring.health().lastError).toContain(`did not write or read within ${anchorTimeoutMs} ms`)
})

test('does one thing after the other when the host asks often', async () => {
  const anchoring = await started()
  await grow()
  const all = await Promise.all(Array.from({ length: 5 }, async () => await anchoring.anchor()))
  expect(new Set(all.map(({ size }) => size))).toEqual(new Set([1]))
  expect(anchor.transactions).toHaveLength(1)
})

test('ends with the node, and sends nothing later', async () => {
  anchor.until = new Promise(() => {})
  await grow()
  const anchoring = await started()
  const given = anchoring.anchor()
  given.catch(() => {})
  await anchoring.stop()
  await expect(given).rejects.toThrow(StoppedError)
  await vi.advanceTimersByTimeAsync(10 * intervalMs)
  expect([anchor.transactions.length, lines]).toEqual([1, []])
})

test('is of a node that has an anchor, and of no other', () => {
  const init = { store: { auditFiles: files }, statements: flushed(), clock: Date.now, random: () => 0, log: () => {} }
  expect(createAnchoring(init)).toBeUndefined()
  expect(createAnchoring({ ...init, anchor })?.health()).toEqual({ anchor: anchor.id })
})
