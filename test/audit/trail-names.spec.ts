import { beforeEach, describe, expect, it } from 'vitest'
import { openMirror } from '../../src/audit/mirror.ts'
import { TrailNames } from '../../src/audit/trail-names.ts'
import { verifyKept } from '../../src/audit/kept-checkpoints.ts'
import { statementDigest } from '../../src/format/eip712.ts'
import { decodeTrailDatasets, encodeTrailDatasets } from '../../src/format/trail-datasets.ts'
import { testIdentity } from '../bundle/fixtures.ts'
import { knownVersion, signVersion } from '../dataset/fixtures.ts'
import { memoryFiles } from './memory-files.ts'
import { headOfEntries, seenOf } from './seen.ts'
import type { Mirror } from '../../src/audit/mirror.ts'
import type { KnownVersion } from '../../src/dataset/known-versions.ts'
import type { NamedVersion } from '../../src/interface/dataset-trail.ts'
import type { DurableFiles } from '../../src/interface/store.ts'

const { address } = testIdentity(1)
const [first, second] = [await knownVersion('one', '1.0.0'), await knownVersion('two', '1.1.0')]
const named = ({ manifest, signed }: KnownVersion): NamedVersion =>
  ({ publisher: manifest.publisher, name: manifest.name, version: manifest.datasetVersion, statement: signed!.statement })

let files: DurableFiles
let lines: string[]
const names = (): TrailNames => new TrailNames({ files, address, log: line => { lines.push(line) } })
const versions = (of: TrailNames): string[] => of.versions.map(({ version }) => version)

/** A log that has these statements. */
async function logOf (known: KnownVersion[]): Promise<Mirror> {
  const entries = known.map(({ signed }) => statementDigest(signed!.statement))
  const mirror = await openMirror({ files: memoryFiles(), log: () => {} })
  await mirror.grow(verifyKept(await seenOf(headOfEntries(entries))), async (from, to) => await Promise.resolve(entries.slice(from, to)))
  return mirror
}

beforeEach(() => {
  files = memoryFiles()
  lines = []
})

describe('TrailNames', () => {
  it('keeps what the log has, also for a later process', async () => {
    const kept = names()
    await kept.take(encodeTrailDatasets([named(first), named(second)]), await logOf([first]))
    expect(versions(kept)).toEqual(['1.0.0'])
    expect(versions(await names().open())).toEqual(['1.0.0'])
  })

  it('drops what another one signed, what is about something else, and what nobody signed for this publisher', async () => {
    const stranger = { ...first, signed: await signVersion(first.cid, undefined, { identity: testIdentity(2) }) }
    const result = { ...first, signed: await signVersion(first.cid, undefined, { kind: 'result' }) }
    const forged = { ...named(first), statement: { ...first.signed!.statement, salt: `0x${'22'.repeat(32)}` } as const }
    const elsewhere = { ...named(first), publisher: testIdentity(3).address }
    const kept = names()
    await kept.take(encodeTrailDatasets([named(stranger), named(result), forged, elsewhere]), await logOf([stranger, result, first]))
    expect(versions(kept)).toEqual([])
  })

  it('forgets what is not named any more, and keeps what was known when something else comes', async () => {
    const kept = names()
    const log = await logOf([first, second])
    await kept.take(encodeTrailDatasets([named(first), named(second)]), log)
    await expect(kept.take(Buffer.from('{}'), log)).rejects.toMatchObject({ name: 'InvalidManifestError' })
    expect(versions(kept)).toEqual(['1.0.0', '1.1.0'])
    await kept.take(encodeTrailDatasets([named(second)]), log)
    expect(versions(kept)).toEqual(['1.1.0'])
    await kept.take(undefined, log)
    expect(decodeTrailDatasets(await files.read('datasets', 1_000) ?? new Uint8Array())).toEqual([])
  })

  it('says that what was kept is damaged, and goes on without it', async () => {
    await files.place([{ path: 'datasets', bytes: Buffer.from('x') }])
    expect(versions(await names().open())).toEqual([])
    expect(lines.join()).toMatch(/are not known any more/)
  })

  it('ends with the reason of its signal', async () => {
    const reason = new Error('enough')
    await expect(names().take(encodeTrailDatasets([named(first)]), await logOf([first]), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
