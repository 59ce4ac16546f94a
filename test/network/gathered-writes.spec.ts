import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it } from 'vitest'
import { messageMemory } from '../../src/format/claimed-memory.ts'
import { gatherWrites } from '../../src/network/gathered-writes.ts'
import { noise } from '../format/dags.ts'
import { startSocketPair } from './socket-pair.ts'
import type { SendResult } from '@libp2p/utils'
import type { Socket } from 'node:net'

interface FakeConnection {
  socket: Socket
  sendData: (data: Uint8ArrayList) => SendResult
}

/** A connection as the transport makes it, and the bytes that come out on the other side. */
async function startPair (): Promise<{ connection: FakeConnection, calls: () => number, other: Socket }> {
  const [socket, other] = await startSocketPair({ pauseOnConnect: true })
  let calls = 0
  for (const name of ['_write', '_writev'] as const) {
    const write = socket[name]?.bind(socket) as (...args: unknown[]) => void
    Object.assign(socket, { [name]: (...args: unknown[]) => {
      calls++
      write(...args)
    } })
  }
  return { connection: { socket, sendData: () => { throw new Error('not replaced') } }, calls: () => calls, other }
}

async function received (other: Socket, bytes: number): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of other) {
    pieces.push(piece as Buffer)
    if (pieces.reduce((sum, { length }) => sum + length, 0) >= bytes) break
  }
  return Buffer.concat(pieces)
}

describe('gatherWrites', () => {
  it('hands many pieces to the system by one call, in their order', async () => {
    const { connection, calls, other } = await startPair()
    expect(gatherWrites(connection)).toBe(true)
    const pieces = Array.from({ length: 100 }, (_, n) => noise(n + 1, n))
    const sent = connection.sendData(new Uint8ArrayList(...pieces))
    const all = Buffer.concat(pieces)
    expect(sent).toEqual({ sentBytes: all.length, canSendMore: true })
    expect(calls()).toBe(1)
    expect(Buffer.compare(await received(other, all.length), all)).toBe(0)
  })

  it('frees the memory of what was claimed when the system has taken it, and no other', async () => {
    const { connection, other } = await startPair()
    gatherWrites(connection)
    const claimed = Array.from({ length: 200 }, (_, n) => messageMemory.claim(noise(64 * 1024, n)))
    const kept = noise(64 * 1024, 200)
    const all = Buffer.concat([...claimed, kept])
    connection.sendData(new Uint8ArrayList(...claimed, kept))
    expect(claimed.at(-1)?.byteLength).toBe(64 * 1024)
    expect(Buffer.compare(await received(other, all.length), all)).toBe(0)
    await setImmediate()
    expect(claimed.map(({ byteLength }) => byteLength)).toEqual(claimed.map(() => 0))
    expect(kept.byteLength).toBe(64 * 1024)
  })

  it('says that there is no room while the other side does not read, and tells of it when there is', async () => {
    const { connection, other } = await startPair()
    gatherWrites(connection)
    const piece = noise(1 << 20, 1)
    let bytes = 0
    for (let isRoom = true; isRoom; bytes += piece.length) {
      expect(bytes).toBeLessThan(64 << 20)
      isRoom = connection.sendData(new Uint8ArrayList(piece)).canSendMore
    }
    const drained = once(connection.socket, 'drain')
    expect((await received(other, bytes)).length).toBe(bytes)
    await drained
  })

  it('does nothing where a connection is not as expected', () => {
    const send = (): SendResult => ({ sentBytes: 0, canSendMore: true })
    const odd = { sendData: send, socket: { write: () => {} } }
    expect([gatherWrites({}), gatherWrites({ sendData: send }), gatherWrites(odd)]).toEqual([false, false, false])
    expect(odd.sendData).toBe(send)
  })
})
