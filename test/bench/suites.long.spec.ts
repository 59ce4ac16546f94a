import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { audit } from './audit.ts'
import { bundle } from './bundle.ts'
import { dataset } from './dataset.ts'
import { fanIn } from './fan-in.ts'
import { gas } from './gas.ts'
import { idle } from './idle.ts'
import { large } from './large.ts'
import { providers } from './providers.ts'
import { slowLink } from './slow-link.ts'

const mebibyte = 1024 * 1024
const only = ['datanode', 'raw-stream']
const common = { runs: 1, only, deadlineMs: 60_000 }

describe('the comparisons of transfers, small', () => {
  let directory: string

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'benches-'))
    vi.stubEnv('TMPDIR', directory)
    vi.spyOn(console, 'error').mockImplementation(() => {})
  })

  afterAll(async () => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
    await rm(directory, { recursive: true })
  })

  it('measure a bundle cold and warm, in memory and on disk', async () => {
    const rows = await bundle({ ...common, files: [5], rttsMs: [0, 20] })
    expect(rows.map(({ impl, rttMs, warm, stored }) => [impl, rttMs, warm, stored])).toEqual([
      ...[true, false].flatMap(stored => [0, 20].flatMap(rttMs => [false, true].map(warm => ['datanode', rttMs, warm, stored]))),
      ...[0, 20].flatMap(rttMs => [false, true].map(warm => ['raw-stream', rttMs, warm, false]))
    ])
    for (const { rttMs, medianMs, p95Ms, wireBytes, payloadBytes, completed } of rows) {
      expect(completed).toBe(1)
      expect(payloadBytes).toBe(5 * 2048)
      expect(wireBytes).toBeGreaterThan(payloadBytes)
      expect(medianMs).toBeGreaterThanOrEqual(rttMs)
      expect(p95Ms).toBeGreaterThanOrEqual(medianMs)
    }
  })

  it('measure a large file and the memory that it takes', async () => {
    const rows = await large({ ...common, bytes: 4 * mebibyte, slowBytes: 20 * mebibyte, rttsMs: [0] })
    expect(rows.map(({ impl, stored, bytes, completed, readMbPerSecond }) => [impl, stored, bytes, completed, readMbPerSecond])).toEqual([
      ['datanode', true, 4 * mebibyte, 1, undefined], ['datanode', false, 4 * mebibyte, 1, undefined], ['datanode', true, 20 * mebibyte, 1, 80],
      ['raw-stream', false, 4 * mebibyte, 1, undefined]
    ])
    for (const { mbPerSecond, wireBytes, payloadBytes, peakRssMiB } of rows) {
      expect(mbPerSecond).toBeGreaterThan(0)
      expect(wireBytes).toBeGreaterThan(payloadBytes)
      expect(peakRssMiB).toBeGreaterThan(10)
    }
  })

  it('measure several providers, and one that is lost', async () => {
    const rows = await providers({ ...common, bytes: 2 * mebibyte, bytesPerSecond: 4_000_000 })
    expect(rows.map(({ impl, providers, killed, completed }) => [impl, providers, killed, completed])).toEqual([
      ['datanode', 1, 0, 1], ['datanode', 3, 0, 1], ['datanode', 3, 1, 1], ['raw-stream', 1, 0, 1], ['raw-stream', 3, 0, 1]
    ])
    for (const { wireBytes, payloadBytes } of rows) expect(wireBytes).toBeGreaterThan(payloadBytes)
  })

  it('measure datasets: published, compared, read in part and whole, and mirrored', async () => {
    const all = await dataset({ largeBytes: 4 * mebibyte, files: 200, changes: 10, mirrorBytes: 8 * mebibyte, tableBytes: 40 * mebibyte })
    const rows = all.filter(({ impl }) => impl === 'datanode')
    expect(rows.map(({ op, work }) => [op, work.split(',').at(-1)])).toEqual([
      ['publish', `1x${4 * mebibyte}`], ['publish', '200x2048'], ['diff', ' 10 changes'],
      ['read-column', ' fixed chunking'], ['read-whole', ' fixed chunking'], ['read-column', ' content-defined chunking'],
      ['read-whole', ' content-defined chunking'], ['update-mirror', ' fixed'], ['update-mirror', ' content-defined']
    ])
    const [column = 0, whole = 0, columnByContent = 0, wholeByContent = 0] = rows.slice(3, 7).map(({ bytesFetched = 0 }) => bytesFetched)
    expect(column).toBeLessThan(whole)
    expect(columnByContent).toBeLessThan(wholeByContent / 10)
    const [fixed, contentDefined] = rows.slice(-2).map(({ bytesFetched = 0 }) => bytesFetched)
    expect(contentDefined).toBeLessThan(fixed ?? 0)
  })

  it('measure many miners at one router', async () => {
    const rows = await fanIn({ ...common, miners: 3, bytesEach: mebibyte })
    expect(rows.map(({ impl, miners, completed }) => [impl, miners, completed])).toEqual([['datanode', 3, 3], ['raw-stream', 3, 3]])
  })

  it('measure what idle miners cost a router that takes all of them', async () => {
    const rows = await idle({ ...common, miners: 20, perSecond: 10, settleMs: 500 })
    const row = { impl: 'datanode', miners: 20, connected: 20, refused: 0 }
    expect(rows).toMatchObject([{ ...row, nodeOptions: '' }, { ...row, nodeOptions: expect.stringContaining('semi-space') as string }])
    for (const { mibPerMiner, ms } of rows) {
      expect(mibPerMiner).toBeLessThan(10)
      // The second ten come a second after the first.
      expect(ms).toBeGreaterThanOrEqual(1000)
    }
  })

  it('measure slow links beside fast ones', async () => {
    const groups = [{ miners: 1, linkKiBps: 100, bytesEach: 51_200 }, { miners: 2, linkKiBps: 1000, bytesEach: 512_000 }]
    const rows = await slowLink({ ...common, groups })
    expect(rows.map(({ impl, linkKiBps, completed, idealMs }) => [impl, linkKiBps, completed, idealMs])).toEqual([
      ['datanode', 100, 1, 500], ['datanode', 1000, 2, 500], ['raw-stream', 100, 1, 500], ['raw-stream', 1000, 2, 500]
    ])
    for (const { ms, idealMs } of rows) expect(ms).toBeGreaterThanOrEqual(idealMs - 200)
  })

  it('measure an audit trail at several sizes', async () => {
    const rows = await audit({ ...common, sizes: [300, 600], rounds: 3 })
    const ofSize = ['append', 'open', 'find', 'prove inclusion', 'prove consistency']
    expect(rows.map(({ op, size }) => [op, size])).toEqual([
      ...['sign', 'verify', 'verify, with a delegation', 'sign, viem', 'verify, viem', 'sign, noble', 'verify, noble',
        'verify evidence', 'verify large evidence', 'publish without trail', 'publish with trail'].map(op => [op, undefined]),
      ...[300, 600].flatMap(size => ofSize.map(op => [op, size]))
    ])
    for (const { ms } of rows) expect(ms).toBeGreaterThan(0)
  })

  it('measure the gas of calls on chain, of a payload beside its URN', async () => {
    const rows = await gas()
    const task = ['submit the URN', 'precommit', 'commit the URN', 'submit the payload', 'precommit', 'commit the payload']
    expect(rows.map(({ op }) => op)).toEqual([...task, 'anchor with EAS', 'verifyStatement', 'verifyInclusion', 'verifyInclusion'])
    for (const { gas: used } of rows) expect(used).toBeGreaterThan(21_000)
  })

  it('say what they do when something is given up', async () => {
    const [row] = await slowLink({ runs: 1, only: ['raw-stream'], deadlineMs: 300, groups: [{ miners: 1, linkKiBps: 20, bytesEach: mebibyte }] })
    expect(row).toMatchObject({ completed: 0, miners: 1 })
  })

  it('leave nothing behind', async () => {
    expect(await readdir(directory)).toEqual([])
  })

  it('refuse the name of something that they do not compare', async () => {
    await expect(bundle({ ...common, only: ['datanod'] })).rejects.toThrow('datanod is none of datanode, raw-stream, helia')
  })
})
