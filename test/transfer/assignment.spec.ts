import { describe, expect, it } from 'vitest'
import { aheadMs, audibleBytesMin, blockPatienceMs, hedgeMs, silenceMs } from '../../src/limits.ts'
import { Assignment } from '../../src/transfer/assignment.ts'
import { Provider } from '../../src/transfer/provider.ts'
import type { WantedBlocks } from '../../src/transfer/provider-turn.ts'

const mib = 1 << 20

function start (bytesLeft?: number): { assignment: Assignment, challenger: Provider, pass: (ms: number, challengerBytes?: number) => void } {
  let time = 0
  const now = (): number => time
  const [owner, challenger] = [new Provider('owner', { now, fetchStartedAt: 0 }), new Provider('challenger', { now, fetchStartedAt: 0 })]
  const assignment = new Assignment(owner, { bytes: 0, bytesLeft } as WantedBlocks, now)
  return {
    assignment,
    challenger,
    pass: (ms, bytes = 0) => {
      time += ms
      challenger.rate.add(bytes)
    }
  }
}

describe('Assignment', () => {
  it('is left alone until its provider had time to answer', () => {
    const { assignment, challenger, pass } = start()
    pass(hedgeMs - 1)
    expect(assignment.isContestableBy(challenger)).toBe(false)
    pass(1)
    expect(assignment.isContestableBy(challenger)).toBe(true)
  })

  it('says how long its provider took to answer since it was asked', () => {
    const { assignment, pass } = start()
    pass(30)
    assignment.asked()
    pass(100)
    assignment.own()
    pass(300)
    assignment.provider.rate.add(53_000)
    pass(100)
    expect(assignment.provider.bytesAhead).toBe(100_000 * (2 * 100 + aheadMs) / 1000)
  })

  it('is left alone while something comes, and not when its provider is silent', () => {
    const { assignment, challenger, pass } = start()
    assignment.own()
    for (let n = 0; n < 5; n++) {
      pass(silenceMs - 1)
      expect(assignment.isContestableBy(challenger)).toBe(false)
      assignment.heard(audibleBytesMin)
    }
    assignment.heard(audibleBytesMin - 1)
    pass(silenceMs)
    expect(assignment.isContestableBy(challenger)).toBe(true)
    assignment.excuse()
    expect(assignment.isContestableBy(challenger)).toBe(false)
  })

  it('is left alone without a block for a while, however much comes, and from then on it is not', () => {
    const { assignment, challenger, pass } = start()
    const wanted = assignment.wanted as { bytes: number }
    assignment.own()
    const trickle = (ms: number): void => {
      for (let passed = 0; passed < ms; passed += 1_000) {
        pass(1_000)
        assignment.heard(audibleBytesMin)
      }
    }
    trickle(blockPatienceMs - 1_000)
    pass(999)
    expect(assignment.isContestableBy(challenger)).toBe(false)
    wanted.bytes += 1
    assignment.heard(audibleBytesMin)
    trickle(blockPatienceMs - 1_000)
    pass(999)
    expect(assignment.isContestableBy(challenger)).toBe(false)
    pass(1)
    expect(assignment.isContestableBy(challenger)).toBe(true)
    assignment.excuse()
    expect(assignment.isContestableBy(challenger)).toBe(false)
  })

  it('is not taken by its own provider, nor by one that was silent itself', () => {
    const { assignment, challenger, pass } = start()
    pass(hedgeMs)
    expect(assignment.isContestableBy(assignment.provider)).toBe(false)
    challenger.isSilent = true
    expect(assignment.isContestableBy(challenger)).toBe(false)
  })

  it.each([
    [20 * 1024, 10 * mib, true], [5 * mib, 10 * mib, false], [10 * mib, 10 * mib, false]
  ])('at %i bytes a second is taken by one with %i: %s', (own, other, isTaken) => {
    const { assignment, challenger, pass } = start(16 * mib)
    assignment.own()
    for (let n = 0; n < 20; n++) {
      pass(100, other / 10)
      assignment.heard(own / 10)
    }
    expect(assignment.isContestableBy(challenger)).toBe(isTaken)
  })

  it('is not taken for being slow by one of which nothing is known, or when little is left', () => {
    for (const [left, bytes] of [[16 * mib, 0], [1024, mib], [undefined, mib]] as const) {
      const { assignment, challenger, pass } = start(left)
      assignment.own()
      for (let n = 0; n < 20; n++) {
        pass(100, bytes)
        assignment.heard(2048)
      }
      expect(assignment.isContestableBy(challenger)).toBe(false)
    }
  })
})
