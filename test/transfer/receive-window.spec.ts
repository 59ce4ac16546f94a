import { describe, expect, it } from 'vitest'
import { assumedBytesPerSecond, firstWindowBytes, steadyWindowBytes, streamBufferBytesMax, streamWindowBytesMax, windowStepBytes } from '../../src/limits.ts'
import { ReceiveWindow } from '../../src/transfer/receive-window.ts'
import type { Stream } from '@libp2p/interface'

/** A window of a stream whose updates are counted, and a clock that is told the time. */
function start (): { window: ReceiveWindow, windows: number[], take: (bytes: number, ms: number) => void } {
  const windows: number[] = []
  const stream = {
    status: 'open', maxReadBufferLength: streamBufferBytesMax, recvWindow: firstWindowBytes, recvWindowCapacity: firstWindowBytes,
    maxStreamWindowSize: firstWindowBytes, sendWindowUpdate: () => { windows.push(stream.recvWindow) }
  }
  let now = 0
  const window = new ReceiveWindow(stream as unknown as Stream, { now: () => now })
  const take = (bytes: number, ms: number): void => {
    for (let at = 0; at < 100; at++) {
      now += ms / 100
      window.took(bytes / 100)
      window.adjust(Infinity)
    }
  }
  return { window, windows, take }
}

const second = 1_000
const megabyte = 1e6

describe('ReceiveWindow', () => {
  it('is what is always allowed where the provider is near', () => {
    const { window, windows, take } = start()
    window.begin(1)
    take(900 * megabyte, 3 * second)
    expect(windows).toEqual([steadyWindowBytes])
  })

  it('is by what is taken in a round trip and half of another where it is far, and never too large', () => {
    const { window, windows, take } = start()
    window.begin(200)
    window.adjust(Infinity)
    expect(windows.at(-1)).toBeGreaterThanOrEqual(0.2 * 1.5 * assumedBytesPerSecond)
    take(1_200 * megabyte, 3 * second)
    expect(windows.at(-1)).toBe(streamWindowBytesMax)
    take(160 * megabyte, 4 * second)
    const slow = 40 * megabyte
    expect(windows.at(-1)).toBeLessThanOrEqual(steadyWindowBytes + 0.2 * 1.5 * slow + 3 * windowStepBytes)
    expect(windows.at(-1)).toBeGreaterThan(0.2 * slow)
  })

  it('is announced seldom, and not for a rate that goes up and down a little', () => {
    const { window, windows, take } = start()
    window.begin(200)
    for (let at = 0; at < 20; at++) take((at % 2 === 0 ? 180 : 220) * megabyte, second)
    expect(windows.length).toBeLessThanOrEqual(4)
  })

  it('is never more than it may be, from the moment on when that is less', () => {
    const { window, windows } = start()
    window.begin(200)
    window.adjust(Infinity)
    window.adjust(1000)
    expect(windows.at(-1)).toBe(1000)
    window.adjust(1000)
    expect(windows).toHaveLength(2)
  })
})
