import { describe, expect, it } from 'vitest'
import { UnavailableError } from '../../src/errors.ts'
import { statementsMax } from '../../src/limits.ts'
import { FetchProgress } from '../../src/transfer/fetch-progress.ts'
import { FetchReport } from '../../src/transfer/fetch-report.ts'
import { Provider } from '../../src/transfer/provider.ts'
import { leaf } from '../format/dags.ts'
import type { SaidOfRoot } from '../../src/interface/statement.ts'
import type { DataNodeProgress } from '../../src/interface/progress.ts'

const { cid: root } = leaf('root')
const now = (): number => 0

function start (): { report: FetchReport, events: DataNodeProgress[], lines: string[] } {
  const events: DataNodeProgress[] = []
  const lines: string[] = []
  const progress = new FetchProgress({ onProgress: (event) => { events.push(event) } }, now)
  return { report: new FetchReport(root, { progress, log: (line) => { lines.push(line) } }), events, lines }
}

function provider (name: string, bytes: number): Provider {
  const provider = new Provider(name, { now, fetchStartedAt: 0 })
  provider.brought(bytes)
  return provider
}

describe('FetchReport', () => {
  it('collects statements of all who answer, each once and so many at most', () => {
    const { report } = start()
    const of = (...values: number[]): Uint8Array[] => values.map(value => Uint8Array.of(value))
    report.answered({ status: 'ok', access: 'anyone', statements: of(1, 2) }, true)
    report.answered({ status: 'ok', access: 'anyone', statements: of(2, 3) }, true)
    expect(report.result(0, [])).toMatchObject({ access: 'anyone', statements: of(1, 2, 3) })
    report.answered({ status: 'ok', statements: Array.from({ length: 20 }, (_, n) => Uint8Array.of(n + 10)) }, true)
    expect(report.result(0, []).statements).toHaveLength(statementsMax)
  })

  it('tells all that was said by now whenever somebody answers', () => {
    const said: SaidOfRoot[] = []
    const progress = new FetchProgress({}, now)
    const report = new FetchReport(root, { progress, log: () => {}, onSaid: (now) => { said.push(now) } })
    report.answered({ status: 'ok', access: 'anyone', statements: [Uint8Array.of(1)] }, true)
    report.answered({ status: 'ok', statements: [Uint8Array.of(2)] }, true)
    expect(said).toEqual([
      { access: 'anyone', statements: [Uint8Array.of(1)] }, { access: 'restricted', statements: [Uint8Array.of(1), Uint8Array.of(2)] }
    ])
  })

  it('believes the one that says restricted, and is restricted when nobody says anything', () => {
    const { report } = start()
    expect(report.result(0, []).access).toBe('restricted')
    for (const access of ['anyone', 'restricted', 'anyone'] as const) report.answered({ status: 'ok', access }, true)
    expect(report.result(0, []).access).toBe('restricted')
  })

  it('names who brought the last block, and what became of each', () => {
    const { report, events, lines } = start()
    const [first, second, idle] = [provider('first', 10), provider('second', 20), provider('idle', 0)]
    report.received(first, 10)
    report.failed(first, 'lost', new UnavailableError('it is gone'))
    report.received(second, 30)
    const result = report.result(30, [first, second, idle])
    expect(result).toMatchObject({ provider: 'second', bytes: 30, attempts: [{ outcome: 'lost', bytes: 10 }, { outcome: 'ok', bytes: 20 }] })
    expect(result.attempts).toHaveLength(2)
    expect(events.map(({ type }) => type)).toEqual(['datanode:fetch:progress', 'datanode:fetch:failed', 'datanode:fetch:progress'])
    expect(lines).toEqual([`fetch: ${root.toString()} from first: lost: it is gone`])
  })
})
