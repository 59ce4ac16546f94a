import { setImmediate, setTimeout } from 'node:timers/promises'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { AnswerReader } from '../../src/format/message-reader.ts'
import { dagProtocol, encodeRequest } from '../../src/format/messages.ts'
import { concat, encodeBytesField, encodePackedField } from '../../src/format/protobuf.ts'
import { encodeVarint } from '../../src/format/varint.ts'
import { dagDepthMax, frameBytesMax, inboundStreamsPerPeerMax, linksMax, requestBytesMax } from '../../src/limits.ts'
import { leaf, noise } from '../format/dags.ts'
import { data, sections } from '../transfer/support.ts'
import { ended, openStream, pour, startAdversary } from './adversary.ts'
import { attackNode, newSeed, serveGrowthMax, useStage } from './stage.ts'
import type { Connection, Stream } from '@libp2p/interface'
import type { DagRequest } from '../../src/format/messages.ts'
import type { Adversary } from './adversary.ts'

const stage = useStage()

function requestFor (root: CID, change: Partial<DagRequest> = {}): Uint8Array {
  return encodeRequest({ root, mode: 'all', from: [], to: undefined, since: [], ...change })
}

/** A bundle of the node under attack that anyone may read. */
async function makeServed (files = 3, bytesEach = 2000): Promise<CID> {
  const { cid } = await stage.node.call('publish', { seed: newSeed(), files, bytesEach, readers: 'anyone' })
  return CID.parse(cid)
}

/** Opens as many streams as it gets; those that the node refuses are not among them. */
async function openMany (connection: Connection, protocol: string, count: number): Promise<Stream[]> {
  const opened = await Promise.allSettled(Array.from({ length: count }, async () => openStream(connection, protocol)))
  return opened.flatMap(result => result.status === 'fulfilled' ? [result.value] : [])
}

/** Statuses of the answers that come, one for each request. */
function readStatuses (stream: Stream): string[] {
  const statuses: string[] = []
  const answers = new AnswerReader()
  stream.addEventListener('message', ({ data }) => {
    for (const answer of answers.read(data.subarray())) if (answer.type === 'header') statuses.push(answer.header.status)
  })
  return statuses
}

/** Attacks with one connection of its own. */
async function attack (
  name: string, run: (connection: Connection, during: () => Promise<void>, adversary: Adversary) => Promise<string>
): Promise<void> {
  const adversary = await startAdversary()
  await attackNode(stage, { attack: `client: ${name}`, growthMax: serveGrowthMax }, async (during) => {
    const happened = await run(await adversary.dial(stage.node.at), during, adversary)
    for (const connection of adversary.libp2p.getConnections()) connection.abort(new Error('The attack is over'))
    return happened
  })
}

const openOf = (streams: readonly Stream[]): number => streams.filter(({ status }) => status === 'open').length

describe('a client', () => {
  it('that opens 1,000 streams gets as many as one peer may have', async () => {
    await attack('opens 1,000 streams', async (connection, during) => {
      const streams = await openMany(connection, dagProtocol, 1_000)
      await during()
      expect(openOf(streams)).toBeLessThanOrEqual(inboundStreamsPerPeerMax)
      return `${openOf(streams)} stay open`
    })
  })

  it('that opens streams and says no protocol holds nobody up', async () => {
    await attack('opens 1,000 streams without a protocol', async (_, during, { wires }) => {
      const wire = wires.at(-1)!
      for (let id = 1001; id < 3001; id += 2) wire.send(frame({ type: 0, flags: 1, stream: id, length: 0 }))
      await during()
      return 'refused beyond the bound'
    })
  })

  it('that asks for a large bundle on every stream and never reads holds little memory', async () => {
    const root = await makeServed(24, 1 << 20)
    await attack('asks 32 times for 24 MiB and never reads', async (connection, during) => {
      const streams = await openMany(connection, dagProtocol, inboundStreamsPerPeerMax)
      for (const stream of streams) {
        stream.pause()
        stream.send(requestFor(root))
      }
      await setTimeout(1_000)
      await during()
      return `${openOf(streams)} streams wait`
    })
  })

  it('that pipelines 1,000 requests and never reads gets no more than one answer at a time', async () => {
    const root = await makeServed(4, 1 << 18)
    await attack('pipelines 1,000 requests and never reads', async (connection, during) => {
      const stream = await openStream(connection, dagProtocol)
      stream.pause()
      for (let n = 0; n < 1_000; n++) stream.send(requestFor(root))
      await setTimeout(500)
      await during()
      return stream.status
    })
  })

  it('that reads a byte a second holds nobody up', async () => {
    const root = await makeServed(8, 1 << 20)
    await attack('reads a byte a second', async (connection, during) => {
      const stream = await openStream(connection, dagProtocol)
      stream.pause()
      stream.send(requestFor(root))
      const dripping = (async () => {
        for (let n = 0; n < 3; n++) {
          stream.resume()
          await setImmediate()
          stream.pause()
          await setTimeout(1_000)
        }
      })()
      await during()
      await dripping
      return stream.status
    })
  })

  it('that sends requests which are none is told so, and its streams are closed', async () => {
    const root = await makeServed()
    const deepest = Array.from({ length: dagDepthMax }, () => linksMax)
    const cases: [name: string, bytes: Uint8Array][] = [
      ['the deepest position', requestFor(root, { from: deepest, since: deepest })],
      ['positions out of order', requestFor(root, { from: [3], to: [1] })],
      ['a position too deep', delimited(...encodeBytesField(1, root.bytes), ...encodePackedField(3, [...deepest, 0]))],
      ['an index beyond all links', delimited(...encodeBytesField(1, root.bytes), ...encodePackedField(3, [linksMax + 1]))],
      ['an unknown mode', delimited(...encodeBytesField(1, root.bytes), Uint8Array.of(2 * 8, 9))],
      ['no root', delimited(...encodePackedField(3, [1]))],
      ['a root of 64 KB', concat([encodeVarint(65_000), ...encodeBytesField(1, noise(64_990, 1))])],
      ['garbage', delimited(noise(200, 2))],
      ['too many bytes', concat([encodeVarint(requestBytesMax + 1), noise(requestBytesMax + 1, 3)])],
      ['a length without end', new Uint8Array(100).fill(0xff)]
    ]
    await attack('sends requests that are none', async (connection, during) => {
      const seen = new Map<string, string>()
      for (const [name, bytes] of cases) {
        const stream = await openStream(connection, dagProtocol)
        const statuses = readStatuses(stream)
        stream.send(bytes)
        await expect.poll(() => statuses.length, { message: name }).toBe(1)
        seen.set(name, statuses[0] ?? '')
        if (statuses[0] === 'bad-request') await expect.poll(() => stream.remoteWriteStatus, { message: name }).toBe('closed')
      }
      await during()
      // What is in its form and names nothing has an answer that is empty.
      expect([...seen.values()]).toEqual(['ok', ...cases.slice(1).map(() => 'bad-request')])
      return 'bad-request each time'
    })
  })

  it('that sends half a request on every stream and is silent holds nobody up', async () => {
    const root = await makeServed()
    await attack('sends half requests and is silent', async (connection, during) => {
      const streams = await openMany(connection, dagProtocol, inboundStreamsPerPeerMax)
      for (const stream of streams) stream.send(requestFor(root).subarray(0, 20))
      await during()
      return `${openOf(streams)} streams wait`
    })
  })

  it('that asks for what is not there, not revealed or not for it learns the same of each', async () => {
    const asked = 4_000
    const { node } = stage
    const embargoed = await node.call('publish', { seed: newSeed(), files: 1, bytesEach: 100, readers: 'later' })
    const guarded = await node.call('publish', { seed: newSeed(), files: 1, bytesEach: 100, readers: 'nobody' })
    const roots = [leaf('absent').cid, CID.parse(embargoed.cid), CID.parse(guarded.cid)].map(cid => CID.createV1(0x70, cid.multihash))
    await attack('asks for absent, embargoed and guarded roots 4,000 times', async (connection, during) => {
      const streams = await openMany(connection, dagProtocol, 16)
      expect(streams).toHaveLength(16)
      const statuses = streams.map(readStatuses)
      const each = asked / streams.length
      const asking = Promise.all(streams.map(async (stream) => {
        let sent = 0
        await pour(stream, () => {
          if (sent >= each) return undefined
          sent += 125
          return concat(Array.from({ length: 125 }, (_, at) => requestFor(roots[at % roots.length]!)))
        })
      }))
      await during()
      await asking
      expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 'open'))
      await expect.poll(() => statuses.flat().length, { timeout: 90_000 }).toBe(asked)
      expect(new Set(statuses.flat())).toEqual(new Set(['not-available']))
      return 'not-available each time'
    })
  })

  it('that asks without end is told so, cut off, and not let in again', async () => {
    const request = requestFor(leaf('absent').cid)
    const page = concat(Array.from({ length: 100 }, () => request))
    await attack('asks without end', async (connection, during, adversary) => {
      const seen = new Set<string>()
      const asking = (async () => {
        for (let n = 0; n < 1_000 && connection.status === 'open'; n++) {
          const stream = await openStream(connection, dagProtocol)
          const statuses = readStatuses(stream)
          await pour(stream, () => page)
          for (const status of statuses) seen.add(status)
        }
      })().catch(() => {})
      await during()
      await asking
      await expect.poll(() => connection.status).not.toBe('open')
      expect(seen).toEqual(new Set(['not-available', 'busy']))
      const again = adversary.dial(stage.node.at).then(async next => await openStream(next, dagProtocol))
      expect(await again.then(() => 'let in', () => 'refused')).toBe('refused')
      return 'told, cut off, refused'
    })
  })

  it('that sends blocks nobody asked for is cut off, and nothing of them is stored', async () => {
    await attack('sends blocks nobody asked for', async (connection, during) => {
      const before = await stage.node.call('stored', {})
      const stream = await openStream(connection, dagProtocol)
      const pouring = pour(stream, () => data(sections(leaf(noise(60_000, 1)))))
      await during()
      await pouring
      await expect.poll(() => stream.status).not.toBe('open')
      expect((await stage.node.call('stored', {})).roots).toEqual(before.roots)
      return stream.status
    })
  })

  it('that announces a frame of 4 GiB loses its connection', async () => {
    await attack('announces a frame of 4 GiB', async (connection, during, { wires }) => {
      const wire = wires.at(-1)!
      const stream = await openStream(connection, dagProtocol)
      wire.send(frame({ type: 0, flags: 0, stream: Number(stream.id), length: 0xffffffff }))
      await ended(wire)
      await during()
      return 'connection closed'
    })
  })

  it('that sends frames as large as may be, for streams that are not there, holds little memory', async () => {
    await attack('sends frames of 16 MiB for no stream', async (_, during, { wires }) => {
      const wire = wires.at(-1)!
      const sending = (async () => {
        for (let sent = 0; sent < 4 * frameBytesMax; sent += 1 << 20) {
          if (sent % frameBytesMax === 0) wire.send(frame({ type: 0, flags: 0, stream: 999, length: frameBytesMax }))
          wire.send(new Uint8Array(1 << 20))
          await setTimeout(10)
        }
      })().catch(() => {})
      await during()
      await sending
      return wire.status
    })
  })

  it('that floods with pings and window updates holds nobody up', async () => {
    await attack('sends 200,000 pings and window updates', async (connection, during, { wires }) => {
      const wire = wires.at(-1)!
      const stream = await openStream(connection, dagProtocol)
      const update = frame({ type: 1, flags: 0, stream: Number(stream.id), length: 1 })
      const flood = concat(Array.from({ length: 500 }, (_, at) => [frame({ type: 2, flags: 1, stream: 0, length: at }), update]).flat())
      const sending = (async () => {
        for (let n = 0; n < 200 && wire.status === 'open'; n++) {
          wire.send(flood)
          await setTimeout(5)
        }
      })().catch(() => {})
      await during()
      await sending
      return wire.status
    })
  })
})

function delimited (...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = concat(parts)
  return concat([encodeVarint(bytes.length), bytes])
}

/** A frame's header: https://github.com/hashicorp/yamux/blob/master/spec.md */
function frame ({ type, flags, stream, length }: { type: number, flags: number, stream: number, length: number }): Uint8Array {
  const header = new DataView(new ArrayBuffer(12))
  header.setUint8(1, type)
  header.setUint16(2, flags)
  header.setUint32(4, stream)
  header.setUint32(8, length)
  return new Uint8Array(header.buffer)
}
