import { describe, expect, it } from 'vitest'
import { FetchProgress } from '../../src/transfer/fetch-progress.ts'
import type { DataNodeProgress } from '../../src/interface/progress.ts'

function started (): { progress: FetchProgress, events: DataNodeProgress[], tick: (ms: number) => void } {
  const events: DataNodeProgress[] = []
  let now = 1000
  const progress = new FetchProgress({ onProgress: (event) => { events.push(event) } }, () => now)
  return { progress, events, tick: (ms) => { now += ms } }
}

describe('FetchProgress', () => {
  it('tells who is asked, who failed, and how much has come from whom', () => {
    const { progress, events, tick } = started()
    progress.asking('a', 'dag')
    progress.failed('a', 'gone')
    progress.asking('b', 'bitswap')
    progress.announced(1000)
    tick(500)
    progress.received('b', 250)
    expect(events).toEqual([
      { type: 'datanode:fetch:provider', detail: { provider: 'a', protocol: 'dag' } },
      { type: 'datanode:fetch:failed', detail: { provider: 'a', reason: 'gone' } },
      { type: 'datanode:fetch:provider', detail: { provider: 'b', protocol: 'bitswap' } },
      { type: 'datanode:fetch:progress', detail: { bytesDone: 250, bytesThere: 0, bytesTotal: 1000, bytesPerSecond: 500, providers: ['b'] } }
    ])
  })

  it('knows no total before it was announced, and no rate before time has passed', () => {
    const { progress, events } = started()
    progress.received('a', 10)
    progress.received('b', 20)
    expect(events.at(-1)).toEqual({ type: 'datanode:fetch:progress', detail: { bytesDone: 20, bytesThere: 0, bytesPerSecond: 0, providers: ['a', 'b'] } })
  })

  it('counts what was there as done, and not as fast', () => {
    const events: DataNodeProgress[] = []
    let now = 0
    const progress = new FetchProgress({ bytesThere: 1000, onProgress: (event) => { events.push(event) } }, () => now)
    now = 500
    progress.received('a', 10)
    expect(events.at(-1)?.detail).toEqual({ bytesDone: 1010, bytesThere: 1000, bytesPerSecond: 20, providers: ['a'] })
  })

  it('goes on when nobody listens, or the listener throws', () => {
    new FetchProgress({}, () => 0).received('a', 1)
    new FetchProgress({ onProgress: () => { throw new Error('display') } }, () => 0).received('a', 1)
  })
})
