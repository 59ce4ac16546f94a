import { expect, onTestFinished, test } from 'vitest'
import { ScheduledReveals } from '../../src/bundle/scheduled-reveals.ts'
import { revealCheckMs } from '../../src/limits.ts'
import { noteInit, publishStored, testNode } from './fixtures.ts'
import type { FakeStore } from './fake-store.ts'
import type { CID } from 'multiformats/cid'

/** Reveals by a clock and a timer that the test moves. */
function start (now: number): Scene {
  const node = testNode(1)
  const scene: Omit<Scene, 'reveals'> = { store: node.store, now, waits: [], lines: [], add: async revealAt => {
    const { root } = await publishStored(node, noteInit([{ name: String(revealAt), text: '' }], { embargoed: true, revealAt }))
    return root
  } }
  const reveals = new ScheduledReveals({
    store: node.store,
    clock: () => scene.now,
    log: line => scene.lines.push(line),
    wait: (milliseconds, callback) => {
      const waiting = { milliseconds, callback, isOver: false }
      scene.waits.push(waiting)
      return () => { waiting.isOver = true }
    }
  })
  return Object.assign(scene, { reveals })
}

interface Scene {
  store: FakeStore
  now: number
  reveals: ScheduledReveals
  waits: { milliseconds: number, callback: () => void, isOver: boolean }[]
  lines: string[]
  add: (revealAt: number | undefined) => Promise<CID>
}

const isEmbargoed = ({ store }: Scene, root: CID): boolean | undefined => store.record(root)?.embargoed

/** The timer is over. */
async function fire (scene: Scene): Promise<void> {
  const waiting = scene.waits.filter(({ isOver }) => !isOver)
  expect(waiting).toHaveLength(1)
  for (const wait of waiting) {
    wait.isOver = true
    wait.callback()
  }
  // Its turn comes after the one that the timer began.
  await scene.reveals.look()
}

test('reveals what is due at once, and the rest at its time, with one timer', async () => {
  const scene = start(1_000)
  const [due, soon, later] = [await scene.add(1_000), await scene.add(1_500), await scene.add(1_700)]
  await scene.reveals.look()
  expect([due, soon, later].map(root => isEmbargoed(scene, root))).toEqual([false, true, true])
  expect(scene.waits.map(({ milliseconds }) => milliseconds)).toEqual([500])
  scene.now = 1_500
  await fire(scene)
  expect([soon, later].map(root => isEmbargoed(scene, root))).toEqual([false, true])
  expect(scene.store.record(soon)?.revealAt).toBeUndefined()
  expect(scene.lines).toHaveLength(2)
})

test('reveals nothing before the clock shows the time: a timer may be early, and a clock be set back', async () => {
  const scene = start(1_000)
  const root = await scene.add(1_500)
  await scene.reveals.look()
  for (const now of [1_499, 200]) {
    scene.now = now
    await fire(scene)
    expect(isEmbargoed(scene, root)).toBe(true)
    expect(scene.waits.at(-1)?.milliseconds).toBe(1_500 - now)
  }
})

test('looks at the clock so often that one that is set forward is noticed', async () => {
  const scene = start(1_000)
  const root = await scene.add(8.64e15)
  await scene.reveals.look()
  expect(scene.waits.at(-1)?.milliseconds).toBe(revealCheckMs)
  scene.now = 8.64e15
  await fire(scene)
  expect(isEmbargoed(scene, root)).toBe(false)
})

test('leaves alone what has no time, was called off, or is revealed already', async () => {
  const scene = start(1_000)
  const [never, off, revealed] = [await scene.add(undefined), await scene.add(2_000), await scene.add(2_001)]
  await scene.reveals.look()
  await scene.store.update(off, { revealAt: undefined })
  await scene.store.update(revealed, { embargoed: false })
  scene.now = 3_000
  await fire(scene)
  expect([never, off, revealed].map(root => isEmbargoed(scene, root))).toEqual([true, true, false])
  expect(scene.waits.filter(({ isOver }) => !isOver)).toEqual([])
  expect(scene.lines).toEqual([])
})

test('tries again what the disk refused, and says so', async () => {
  const scene = start(1_000)
  const root = await scene.add(1_000)
  const { update } = scene.store
  scene.store.update = async () => Promise.reject(new Error('the disk is full'))
  await scene.reveals.look()
  expect(isEmbargoed(scene, root)).toBe(true)
  expect(scene.lines[0]).toContain('the disk is full')
  expect(scene.waits.at(-1)?.milliseconds).toBe(revealCheckMs)
  scene.store.update = update
  await fire(scene)
  expect(isEmbargoed(scene, root)).toBe(false)
})

test('reveals nothing and waits for nothing once it is stopped', async () => {
  const scene = start(1_000)
  const root = await scene.add(1_500)
  await scene.reveals.look()
  await scene.reveals.stop()
  expect(scene.waits.every(({ isOver }) => isOver)).toBe(true)
  scene.now = 2_000
  await scene.reveals.look()
  expect(isEmbargoed(scene, root)).toBe(true)
  expect(scene.waits).toHaveLength(1)
})

test('keeps no process alive', async () => {
  const node = testNode(1)
  await publishStored(node, noteInit([], { embargoed: true, revealAt: 8.64e15 }))
  const before = process.getActiveResourcesInfo().filter(name => name === 'Timeout').length
  const reveals = new ScheduledReveals({ store: node.store, clock: () => 0, log: () => {} })
  onTestFinished(async () => reveals.stop())
  await reveals.look()
  expect(process.getActiveResourcesInfo().filter(name => name === 'Timeout')).toHaveLength(before)
})
