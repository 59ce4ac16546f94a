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

  it('gives what is left at the end to whoever has the least to do, and anything to who has nothing', () => {
    const { active, ask, pass, who } = start()
    const [a, b] = who
    const plan = { bytesAhead: () => 1000, leafBytes: 100, isEnding: () => true }
    for (const provider of who) provider.rate.add(500)
    pass(500)
    for (const [provider, bytes] of [[a!, 800], [b!, 700]] as const) {
      ask(provider, part(bytes))
      provider.used++
      provider.brought(100)
    }
    const supplied = (more: object = {}): boolean[] => who.map(provider => active.isSupplied(provider, { ...plan, ...more }, [a!, b!]))
    expect([supplied({ isEnding: () => false }), supplied()]).toEqual([[false, false, false], [true, false, false]])
    expect(supplied({ bytesAhead: () => 750 })).toEqual([true, false, false])
    // As much takes twice as long.
    a!.rate.add(500)
    expect(supplied()).toEqual([false, true, false])
  })

  it('takes a block for on its way when none has come of it, by the rate of its provider', () => {
    const { active, ask, pass, who: [a, b] } = start()
    const plan = { bytesAhead: () => 1000, leafBytes: 100, isEnding: () => true }
    const supplied = (): boolean[] => [a!, b!].map(provider => active.isSupplied(provider, plan, [a!, b!]))
    for (const provider of [a!, b!]) {
      provider.rate.add(500)
      ask(provider, part(200))
      provider.used++
    }
    pass(500)
    b!.brought(100)
    pass(50)
    expect(supplied()).toEqual([false, true])
    a!.brought(100)
    expect(supplied()).toEqual([true, false])
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
