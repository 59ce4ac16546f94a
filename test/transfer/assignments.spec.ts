import { describe, expect, it } from 'vitest'
import { hedgeMs, silenceMs } from '../../src/limits.ts'
import { Assignment } from '../../src/transfer/assignment.ts'
import { Assignments } from '../../src/transfer/assignments.ts'
import { Provider } from '../../src/transfer/provider.ts'
import type { WantedBlocks } from '../../src/transfer/provider-turn.ts'

const plan = { isRetired: () => false }

function start (): {
  active: Assignments, ask: (provider: Provider, wanted: WantedBlocks) => Assignment, pass: (ms: number) => void, who: Provider[]
} {
  let time = 0
  const now = (): number => time
  const active = new Assignments(now)
  const who = ['a', 'b', 'c'].map(name => new Provider(name, { now, fetchStartedAt: 0 }))
  const ask = (provider: Provider, wanted: WantedBlocks): Assignment => {
    const assignment = new Assignment(provider, wanted, now)
    active.add(assignment)
    return assignment
  }
  return { active, ask, pass: (ms) => { time += ms }, who }
}

function part (bytesLeft?: number, isComplete = false): WantedBlocks {
  return { bytes: 0, bytesLeft, isComplete } as WantedBlocks
}

describe('Assignments', () => {
  it('says what is asked, and of whom how much is still to come', () => {
    const { active, ask, who: [a, b] } = start()
    const [first, second, third] = [part(10), part(5), part()]
    const asked = [ask(a!, first), ask(a!, second), ask(a!, third)]
    expect([active.size, [...active]]).toEqual([3, asked])
    expect([active.isAsked(first), active.isAsked(part(10))]).toEqual([true, false])
    expect([active.bytesLeftOf(a!), active.bytesLeftOf(b!)]).toEqual([15, 0])
    active.delete(asked[0]!)
    expect([active.isAsked(first), active.bytesLeftOf(a!)]).toEqual([false, 5])
  })

  it('ends what is asked of anybody for one part', () => {
    const { active, ask, who: [a, b] } = start()
    const [one, other] = [part(), part()]
    const asked = [ask(a!, one), ask(b!, one), ask(b!, other)]
    active.abort(one, new Error('not needed'))
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, true, false])
  })

  it('is patient for as long as the last of them is', () => {
    const { active, ask, pass, who: [a, b] } = start()
    expect(active.patientUntil).toBe(-Infinity)
    ask(a!, part())
    pass(100)
    ask(b!, part())
    expect(active.patientUntil).toBe(100 + hedgeMs)
  })

  it('gives a part to another one when nobody who is asked for it is worth waiting for, and notes who was silent', () => {
    const { active, ask, pass, who: [a, b, c] } = start()
    const wanted = part()
    ask(a!, wanted).own()
    pass(silenceMs - 1)
    expect(active.takeOver(c!, plan)).toBeUndefined()
    pass(1)
    expect([active.takeOver(a!, plan), active.takeOver(c!, { isRetired: () => true }), a!.isSilent]).toEqual([undefined, undefined, false])
    expect([active.takeOver(c!, plan), a!.isSilent]).toEqual([wanted, true])
    ask(b!, wanted)
    expect(active.takeOver(c!, plan)).toBeUndefined()
    pass(hedgeMs)
    expect([active.takeOver(c!, plan), b!.isSilent]).toEqual([wanted, false])
  })

  it('gives nobody what has come whole', () => {
    const { active, ask, pass, who: [a, , c] } = start()
    ask(a!, part(0, true)).own()
    pass(silenceMs)
    expect([active.takeOver(c!, plan), a!.isSilent]).toEqual([undefined, false])
  })
})
