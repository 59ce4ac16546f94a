import { describe, expect, it } from 'vitest'
import { readerCallsMax } from '../../src/limits.ts'
import { ReaderCheck } from '../../src/transfer/readers.ts'
import { branch } from '../format/dags.ts'
import type { ReaderPeer, ReaderRule } from '../../src/interface/bundle.ts'
import type { ConnectedPeer } from '../../src/interface/network.ts'
import type { Address } from '../../src/interface/primitives.ts'

const { cid: root } = branch([], 'guarded')
const [alice, bob]: Address[] = [`0x${'a'.repeat(40)}`, `0x${'b'.repeat(40)}`] as const
const peer = (address: Address | undefined, peerId = 'peer'): ConnectedPeer => ({ address, peerId })
const numbered = (n: number): ConnectedPeer => peer(`0x${String(n).padStart(40, '0')}`, `peer ${n}`)

function start (timeoutMs = 20_000): { check: ReaderCheck, lines: string[] } {
  const lines: string[] = []
  return { check: new ReaderCheck({ log: line => lines.push(line), timeoutMs }), lines }
}

describe('a list of readers', () => {
  it.each([
    ['anyone', 'anyone' as const, alice, true],
    ['a peer without an address where anyone may', 'anyone' as const, undefined, true],
    ['a named reader', [bob, alice], alice, true],
    ['nobody else', [bob], alice, false],
    ['nobody when nobody is named', [], alice, false],
    ['no peer without an address where only some may', [bob], undefined, false]
  ])('lets %s read, and says so at once', (_, readers, address, expected) => {
    expect(start().check.mayRead(root, readers as Address[], peer(address))).toBe(expected)
  })
})

describe('a peer that speaks for a wallet', () => {
  const check = new ReaderCheck({ log: () => {}, walletOf: ({ address }) => address === alice ? bob : undefined })

  it.each([
    ['what the wallet may', [bob], alice, true],
    ['what it may itself', [alice], alice, true],
    ['nothing when neither is named', [], alice, false],
    ['nothing of the wallet\'s as another peer', [alice], bob, false]
  ])('reads %s', (_, readers, address, expected) => {
    expect(check.mayRead(root, readers, peer(address))).toBe(expected)
  })

  it('is shown to a function with its wallet', async () => {
    const asked: ReaderPeer[] = []
    expect(await check.mayRead(root, who => asked.push(who) > 0, peer(alice, 'p'))).toBe(true)
    expect(asked).toEqual([{ address: alice, wallet: bob, peerId: 'p' }])
  })
})

describe('a function of the reader', () => {
  it('is asked each time, with the address and the peer id that the handshake proved', async () => {
    const asked: ReaderPeer[] = []
    const rule: ReaderRule = who => asked.push(who) > 1
    const { check, lines } = start()
    expect(await check.mayRead(root, rule, peer(alice, 'p'))).toBe(false)
    expect(await check.mayRead(root, rule, peer(alice, 'p'))).toBe(true)
    expect(asked).toEqual([{ address: alice, peerId: 'p' }, { address: alice, peerId: 'p' }])
    expect(lines).toEqual([])
  })

  it('is not asked for a peer without an address', async () => {
    let calls = 0
    expect(await start().check.mayRead(root, () => ++calls > 0, peer(undefined))).toBe(false)
    expect(calls).toBe(0)
  })

  it.each<[string, ReaderRule, string]>([
    ['throws', () => { throw new Error('no chain') }, 'no chain'],
    ['rejects', async () => Promise.reject(new Error('no chain')), 'no chain'],
    ['gives no boolean', (() => 1) as unknown as ReaderRule, 'no boolean'],
    ['promises no boolean', (async () => Promise.resolve('true')) as unknown as ReaderRule, 'no boolean'],
    ['never decides', async () => new Promise<boolean>(() => {}), 'did not decide within 30 ms']
  ])('that %s lets nobody read, and is told of once', async (_, rule, reason) => {
    const { check, lines } = start(30)
    for (const who of [alice, bob, alice]) expect(await check.mayRead(root, rule, peer(who, who))).toBe(false)
    expect(lines).toEqual([expect.stringContaining(reason)])
    expect(lines[0]).toContain(root.toString())
  })

  it('is called for so many peers at once, and the others wait', async () => {
    const running = new Set<() => void>()
    const rule: ReaderRule = async () => new Promise(resolve => { running.add(() => { resolve(true) }) })
    const { check } = start()
    const asked = Array.from({ length: readerCallsMax + 3 }, async (_, n) => check.mayRead(root, rule, numbered(n)))
    await expect.poll(() => running.size).toBe(readerCallsMax)
    const first = [...running]
    first.forEach(end => { end() })
    await expect.poll(() => running.size).toBe(readerCallsMax + 3)
    running.forEach(end => { end() })
    expect(await Promise.all(asked)).toEqual(asked.map(() => true))
  })

  it('is called once at a time for one peer, so that nobody takes the places of others', async () => {
    const ends: (() => void)[] = []
    const rule: ReaderRule = async ({ address }) => address === bob || new Promise(resolve => { ends.push(() => { resolve(true) }) })
    const { check } = start()
    const asked = Array.from({ length: 4 }, async () => check.mayRead(root, rule, peer(alice, 'a')))
    expect(await check.mayRead(root, rule, peer(bob, 'b'))).toBe(true)
    expect(ends).toHaveLength(1)
    for (let n = 0; n < asked.length; n++) {
      await expect.poll(() => ends.length).toBe(n + 1)
      ends[n]?.()
    }
    expect(await Promise.all(asked)).toEqual(asked.map(() => true))
  })

  it('is not waited for when nobody waits for the answer any more, and that is no failure', async () => {
    const { check, lines } = start()
    const controller = new AbortController()
    const asked = check.mayRead(root, async () => new Promise<boolean>(() => {}), peer(alice), { signal: controller.signal })
    controller.abort(new Error('the stream was closed'))
    expect(await asked).toBe(false)
    expect(lines).toEqual([])
  })

  it('that never decides closes its own bundles alone', async () => {
    const { check } = start(30)
    const hangs: ReaderRule = async () => new Promise<boolean>(() => {})
    await Promise.all(Array.from({ length: readerCallsMax + 1 }, async (_, n) => check.mayRead(root, hangs, numbered(n))))
    expect(await check.mayRead(root, () => true, numbered(0))).toBe(true)
  })
})
