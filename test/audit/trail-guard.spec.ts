import { describe, expect, it } from 'vitest'
import { ForkedTrailError, StaleTrailError, StoppedError } from '../../src/errors.ts'
import { Forks } from '../../src/audit/forks.ts'
import { KeptCheckpoints } from '../../src/audit/kept-checkpoints.ts'
import { TrailGuard } from '../../src/audit/trail-guard.ts'
import { memoryFiles } from './memory-files.ts'
import { headOfEntries, otherHead, seenOf } from './seen.ts'
import { numbered, openOn, signerOf } from './trails.ts'
import type { SeenCheckpoint } from '../../src/format/seen-checkpoint.ts'
import type { CheckpointSource } from '../../src/audit/trail-guard.ts'
import type { DurableFiles } from '../../src/interface/store.ts'
import type { Trail } from '../../src/audit/trail.ts'

const { origin } = signerOf()

async function trailOf (size: number): Promise<Trail> {
  const trail = await openOn()
  await trail.append(numbered(size))
  return trail
}

function source (name: string, seen: SeenCheckpoint | undefined | Error): CheckpointSource & { asked: string[] } {
  const asked: string[] = []
  return {
    name,
    asked,
    newest: async origin => {
      asked.push(origin)
      if (seen instanceof Error) throw seen
      return seen
    }
  }
}

function guardOf (sources: CheckpointSource[], files: DurableFiles = memoryFiles(), lines: string[] = []): TrailGuard {
  const log = (line: string): void => { lines.push(line) }
  const forks = new Forks({ files, log })
  return new TrailGuard({ origin, sources: () => sources, kept: new KeptCheckpoints({ files, log }), forks, log, timeoutMs: 50 })
}

describe('TrailGuard', () => {
  it('lets a trail pass that continues what was seen, and asks once', async () => {
    const trail = await trailOf(10)
    const asked = source('a', await seenOf(headOfEntries(numbered(7))))
    const guard = guardOf([asked, source('b', undefined)])
    expect([guard.isDecided, guard.asksOthers, guardOf([]).asksOthers]).toEqual([false, true, false])
    await Promise.all([guard.pass(trail), guard.pass(trail)])
    await guard.pass(trail)
    expect(asked.asked).toEqual([origin])
    expect([guard.isDecided, guard.asksOthers, guard.refusal]).toEqual([true, false, undefined])
  })

  it('lets it pass where nobody can be asked, or answers in time', async () => {
    const lines: string[] = []
    const silent: CheckpointSource = { name: 'silent', newest: async () => await Promise.withResolvers<undefined>().promise }
    await guardOf([source('broken', new Error('gone')), silent], undefined, lines).pass(await trailOf(1))
    expect(lines.join('\n')).toMatch(/broken does not say .*gone[^]*silent does not say .*No answer came within 50 ms/)
    await guardOf([]).pass(await trailOf(1))
  })

  it('refuses a trail that is behind, in a later process also where nobody can be asked', async () => {
    const files = memoryFiles()
    const trail = await trailOf(10)
    const guard = guardOf([source('a', undefined), source('the router', await seenOf(headOfEntries(numbered(12))))], files)
    const error = await guard.pass(trail).catch((error: unknown) => error) as StaleTrailError
    expect(error).toBeInstanceOf(StaleTrailError)
    expect(error.details).toEqual({ size: 10, seen: 12, witness: 'the router' })
    expect(guard.refusal).toBe(error)
    expect(() => { guard.throwIfRefused() }).toThrow(error)
    await expect(guard.pass(trail)).rejects.toBe(error)
    await expect(guardOf([], files).pass(trail)).rejects.toThrow(StaleTrailError)
    await trail.append(numbered(2, 10))
    await guardOf([], files).pass(trail)
  })

  it('refuses a trail that is another one than was seen, and keeps the proof', async () => {
    const files = memoryFiles()
    const guard = guardOf([source('a', await seenOf(otherHead(4)))], files)
    await expect(guard.pass(await trailOf(10))).rejects.toThrow(ForkedTrailError)
    const later = new Forks({ files, log: () => {} })
    await later.start()
    expect(later.all()).toMatchObject([{ origin, earlier: { size: 4 }, later: { size: 10 } }])
    const next = new TrailGuard({ origin, sources: () => [], kept: new KeptCheckpoints({ files, log: () => {} }), forks: later, log: () => {} })
    await expect(next.pass(await trailOf(10))).rejects.toThrow(ForkedTrailError)
  })

  it('passes over what this node did not sign, and what is of another log', async () => {
    const lines: string[] = []
    const seen = await seenOf(otherHead(99))
    const changed = { ...seen, note: { ...seen.note, text: seen.note.text.replace('\n99\n', '\n98\n') } }
    const guard = guardOf([source('a', changed), source('b', await seenOf(otherHead(99), signerOf(2)))], undefined, lines)
    await guard.pass(await trailOf(10))
    expect(lines).toEqual([expect.stringMatching(/^a shows a checkpoint of the audit trail that this node did not sign/)])
  })

  it('refuses from the moment that it hears of another one', async () => {
    const trail = await trailOf(10)
    const guard = guardOf([])
    await guard.pass(trail)
    expect((await guard.hear(trail, await seenOf(headOfEntries(numbered(3))), 'a'))?.checkpoint.size).toBe(3)
    await expect(guard.hear(trail, await seenOf(otherHead(11)), 'a')).rejects.toThrow(StaleTrailError)
    await expect(guard.pass(trail)).rejects.toThrow(StaleTrailError)
  })

  it('lets nothing pass that was not compared when the node stops', async () => {
    const started = Promise.withResolvers<undefined>()
    const guard = guardOf([{
      name: 'slow',
      newest: async () => {
        started.resolve(undefined)
        return await Promise.withResolvers<SeenCheckpoint>().promise
      }
    }])
    const passing = guard.pass(await trailOf(1))
    await started.promise
    guard.stop()
    await expect(passing).rejects.toThrow(StoppedError)
    expect(guard.isDecided).toBe(false)
  })
})
