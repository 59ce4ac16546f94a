import { describe, expect, it } from 'vitest'
import { connectionsMax, idleConnectionMs } from '../../src/limits.ts'
import { ConnectionPlaces } from '../../src/network/connection-places.ts'
import type { Connection } from '@libp2p/interface'

interface Setting {
  /** Opens a connection, and gives a stream of it. */
  open: (name: string) => EventTarget
  /** Names of those that are open. */
  names: () => string[]
  pass: (ms: number) => void
}

function start ({ max, known = [] }: { max?: number, known?: string[] } = {}): Setting {
  let at = 1_000_000
  const connections: Connection[] = []
  const places = new ConnectionPlaces({
    connections: () => connections,
    isKnown: ({ remotePeer }) => known.includes(remotePeer.toString()),
    now: () => at,
    log: () => {},
    max
  })
  return {
    open: (name) => {
      const connection = {
        remotePeer: { toString: () => name },
        status: 'open',
        abort: () => { connections.splice(connections.findIndex(({ remotePeer }) => remotePeer.toString() === name), 1) }
      } as unknown as Connection
      const stream = new EventTarget()
      connections.push(connection)
      places.take(connection)
      places.watch(stream, connection)
      return stream
    },
    names: () => connections.map(({ remotePeer }) => remotePeer.toString()),
    pass: (ms) => { at += ms }
  }
}

describe('ConnectionPlaces', () => {
  it('lets the stranger go that has been idle longest when there are more than may be', () => {
    const { open, names, pass } = start({ max: 3 })
    open('a')
    pass(1)
    open('b')
    open('c')
    pass(idleConnectionMs)
    open('d')
    expect(names()).toEqual(['b', 'c', 'd'])
    open('e')
    expect(names()).toEqual(['c', 'd', 'e'])
  })

  it('keeps routers and who is allowed by name, however long they are idle', () => {
    const { open, names, pass } = start({ max: 2, known: ['router', 'listed', 'another'] })
    open('router')
    open('listed')
    pass(10 * idleConnectionMs)
    open('stranger')
    expect(names()).toEqual(['router', 'listed'])
    open('another')
    expect(names()).toEqual(['router', 'listed', 'another'])
  })

  it.each(['message', 'drain'])('keeps who transfers something: a %s a short while ago', (event) => {
    const { open, names, pass } = start({ max: 2 })
    const busy = open('busy')
    open('idle')
    pass(10 * idleConnectionMs)
    const seen: string[] = []
    busy.addEventListener(event, () => { seen.push(event) })
    busy.dispatchEvent(new Event(event))
    expect(seen).toEqual([event])
    open('new')
    expect(names()).toEqual(['busy', 'new'])
    open('newer')
    expect(names()).toEqual(['busy', 'new'])
    pass(idleConnectionMs)
    open('newest')
    expect(names()).toEqual(['new', 'newest'])
  })

  it('takes as many as limits.ts says by default', () => {
    const { open, names, pass } = start()
    for (let n = 0; n < connectionsMax; n++) open(String(n))
    pass(idleConnectionMs)
    expect(names()).toHaveLength(connectionsMax)
    open('one more')
    expect(names()).toHaveLength(connectionsMax)
    expect(names()[0]).toBe('1')
  })
})
