import { once } from 'node:events'
import { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it } from 'vitest'
import { reuseReadBuffer } from '../../src/network/read-buffer.ts'
import { noise } from '../format/dags.ts'
import { startSocketPair } from './socket-pair.ts'

const messageBytes = 60_000

/** What a connection of the transport and one of Noise do with what comes: whole messages are copied out, a part of one waits. */
class Reader {
  readonly readBuffer = new Uint8ArrayList()
  readonly secured = { decoder: { buffer: new Uint8ArrayList() } }
  readonly messages: Uint8Array[] = []
  /** Memory of the pieces as they came. */
  readonly memories = new Set<ArrayBufferLike>()
  isPaused = false

  readonly socket: Socket

  constructor (socket: Socket) {
    this.socket = socket
    socket.on('data', (piece: Buffer) => { this.take(piece) })
  }

  take (piece: Uint8Array): void {
    this.memories.add(piece.buffer)
    this.readBuffer.append(piece)
    if (!this.isPaused) this.flow()
  }

  flow (): void {
    const { buffer } = this.secured.decoder
    buffer.append(this.readBuffer.sublist())
    this.readBuffer.consume(this.readBuffer.byteLength)
    while (buffer.byteLength >= messageBytes) {
      this.messages.push(buffer.slice(0, messageBytes))
      buffer.consume(messageBytes)
    }
  }

  /** Everything that has come. */
  get bytes (): Buffer {
    return Buffer.concat([...this.messages, this.secured.decoder.buffer.subarray(), this.readBuffer.subarray()])
  }
}

async function until (isTrue: () => boolean): Promise<void> {
  const end = Date.now() + 10_000
  while (!isTrue()) {
    if (Date.now() > end) throw new Error('It did not come true')
    await setTimeout(2)
  }
}

/** Keeps the event loop busy. */
function spin (ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

describe.skipIf(process.platform === 'win32')('reuseReadBuffer', () => {
  for (const side of ['client', 'accepted'] as const) {
    it(`reads to the same memory again, and mixes nothing up, on a socket that is ${side}`, async () => {
      const [client, accepted] = await startSocketPair()
      const [own, other] = side === 'client' ? [client, accepted] : [accepted, client]
      const reader = new Reader(own)
      other.write(noise(1000, 1))
      await until(() => reader.bytes.byteLength === 1000)
      reader.memories.clear()
      expect(reuseReadBuffer(reader, reader.secured)).toBe(true)
      const sent = [noise(1000, 1), ...Array.from({ length: 60 }, (_, n) => noise(1 + n * 3_333, n))]
      for (const piece of sent.slice(1)) other.write(piece)
      const all = Buffer.concat(sent)
      await until(() => reader.bytes.byteLength === all.byteLength)
      expect(Buffer.compare(reader.bytes, all)).toBe(0)
      expect(reader.memories.size).toBe(1)
      const waiting = [...reader.secured.decoder.buffer]
      expect(waiting.length).toBeGreaterThan(0)
      expect(waiting.some(({ buffer }) => reader.memories.has(buffer))).toBe(false)
    })
  }

  it('keeps what two sockets read apart, also of one that is not read from', async () => {
    const pairs = await Promise.all([startSocketPair(), startSocketPair()])
    const readers = pairs.map(([own]) => new Reader(own))
    for (const reader of readers) expect(reuseReadBuffer(reader, reader.secured)).toBe(true)
    const [paused, other] = readers
    if (paused === undefined || other === undefined) throw new Error('unreachable')
    paused.isPaused = true
    const sent = pairs.map(() => [] as Uint8Array[])
    for (let n = 0; n < 40; n++) {
      for (const [at, [, far]] of pairs.entries()) {
        const piece = noise(7_000 + n, 2 * n + at)
        sent[at]?.push(piece)
        far.write(piece)
      }
    }
    const all = sent.map(pieces => Buffer.concat(pieces))
    await until(() => readers.every(({ bytes }, at) => bytes.byteLength === all[at]?.byteLength))
    expect(readers.map(({ bytes }, at) => Buffer.compare(bytes, all[at] ?? Buffer.alloc(0)))).toEqual([0, 0])
    expect(paused.readBuffer.byteLength).toBe(all[0]?.byteLength)
    expect([...paused.readBuffer].some(({ buffer }) => paused.memories.has(buffer))).toBe(false)
  })

  it('stops reading while the socket is paused, and tells of the end', async () => {
    const [own, other] = await startSocketPair()
    const reader = new Reader(own)
    expect(reuseReadBuffer(reader, reader.secured)).toBe(true)
    own.pause()
    const all = noise(32 << 20, 1)
    other.end(all)
    await setTimeout(50)
    expect(other.writableLength).toBeGreaterThan(0)
    expect(reader.bytes.byteLength).toBeLessThan(all.byteLength)
    const ended = once(own, 'end')
    own.resume()
    await ended
    expect(Buffer.compare(reader.bytes, all)).toBe(0)
  })

  it('lets others have their turn when what comes takes long to be used', async () => {
    const [own, other] = await startSocketPair()
    const reader = new Reader(own)
    expect(reuseReadBuffer(reader, reader.secured)).toBe(true)
    let [pieces, piecesOfTurn, mostOfTurn, isCounting] = [0, 0, 0, true]
    own.on('data', () => {
      pieces++
      mostOfTurn = Math.max(mostOfTurn, ++piecesOfTurn)
      spin(12)
    })
    const count = (): void => {
      piecesOfTurn = 0
      if (isCounting) setImmediate(count)
    }
    own.pause()
    const all = noise(16 << 20, 1)
    other.end(all)
    await setTimeout(50)
    count()
    own.resume()
    await once(own, 'end')
    isCounting = false
    expect(Buffer.compare(reader.bytes, all)).toBe(0)
    expect(pieces).toBeGreaterThan(20)
    expect(mostOfTurn).toBe(1)
  })

  it('does not read on in the next turn when it is paused in this one', async () => {
    const [own, other] = await startSocketPair()
    const reader = new Reader(own)
    expect(reuseReadBuffer(reader, reader.secured)).toBe(true)
    own.pause()
    const all = noise(4 << 20, 1)
    other.end(all)
    await setTimeout(50)
    let [pieces, isPausing] = [0, true]
    own.on('data', ({ length }) => {
      pieces++
      if (!isPausing || length < 1 << 18) return
      spin(12)
      own.pause()
    })
    own.resume()
    await until(() => own.isPaused())
    const before = pieces
    await setTimeout(50)
    expect(pieces).toBe(before)
    isPausing = false
    own.resume()
    await once(own, 'end')
    expect(Buffer.compare(reader.bytes, all)).toBe(0)
  })

  it('does nothing where something is not as expected', async () => {
    const [own, other] = await startSocketPair()
    const reader = new Reader(own)
    expect([
      reuseReadBuffer({}, reader.secured),
      reuseReadBuffer(reader, {}),
      reuseReadBuffer({ socket: { readableLength: 0 }, readBuffer: reader.readBuffer }, reader.secured),
      reuseReadBuffer({ socket: new Socket(), readBuffer: reader.readBuffer }, reader.secured)
    ]).toEqual([false, false, false, false])
    other.write('still here')
    await until(() => reader.bytes.toString() === 'still here')
  })
})
