import { setTimeout } from 'node:timers/promises'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { bitswapMessageBytesMax } from '../../src/limits.ts'
import { encodeVarint } from '../../src/format/varint.ts'
import { noise } from '../format/dags.ts'
import { ended, openStream, pour, startAdversary } from './adversary.ts'
import { bitswapProtocol, blockField, message, wantsField } from './bitswap.ts'
import { attackNode, makeBundle, serveGrowthMax, useStage } from './stage.ts'
import type { Connection, Stream } from '@libp2p/interface'
import type { HostileHandler } from './adversary.ts'

const stage = useStage()

/** CIDs that the node has never heard of. */
function absent (count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, at) => CID.createV1(0x55, create(0x12, noise(32, at))).bytes)
}

const readsNothing: HostileHandler = async (stream) => {
  stream.pause()
  await ended(stream)
}

async function attack (
  name: string, run: (connection: Connection, during: () => Promise<void>, open: () => Promise<Stream>) => Promise<string>
): Promise<void> {
  const adversary = await startAdversary({ [bitswapProtocol]: readsNothing })
  await attackNode(stage, { attack: `bitswap client: ${name}`, growthMax: serveGrowthMax }, async (during) => {
    const connection = await adversary.dial(stage.node.at)
    const happened = await run(connection, during, async () => await openStream(connection, bitswapProtocol))
    connection.abort(new Error('The attack is over'))
    return happened
  })
}

/** Enough time for what was sent to be looked at. */
const restMs = 1_500

describe('a client that speaks bitswap', () => {
  it('and asks for huge want lists, again and again, holds little memory', async () => {
    const wants = message(wantsField(absent(50_000)))
    await attack('wants 50,000 absent blocks, ten times', async (_, during, open) => {
      for (let n = 0; n < 10; n++) (await open()).send(wants)
      await setTimeout(restMs)
      await during()
      return 'ignored beyond the bound'
    })
  })

  it('and asks whether everything is there, without end, holds little memory', async () => {
    const haves = message(wantsField(absent(5_000), { isHave: true }))
    await attack('asks for presences without end', async (_, during, open) => {
      let left = 20
      const stream = await open()
      const pouring = pour(stream, () => left-- > 0 ? haves : undefined)
      await during()
      await pouring
      return stream.status
    })
  })

  it('and asks for everything that is there and never reads holds little memory', async () => {
    const { blocks } = await makeBundle(stage, { at: stage.node, files: 60, bytesEach: 1 << 20 })
    const cids = blocks.map(({ cid }) => cid.bytes)
    await attack('wants 60 MiB and never reads', async (_, during, open) => {
      for (let n = 0; n < 8; n++) (await open()).send(message(wantsField(cids)))
      await setTimeout(restMs)
      await during()
      return 'waits for its reader'
    })
  })

  it('and sends blocks nobody asked for gets none of them stored', async () => {
    const blocks = message(blockField(noise(1 << 20, 1), [1, 0x55, 0x12, 32]), blockField(noise(1 << 20, 2), [1, 0x55, 0x12, 32]))
    await attack('sends blocks nobody asked for', async (_, during, open) => {
      const { files } = await stage.node.call('stored', {})
      let left = 60
      const stream = await open()
      const pouring = pour(stream, () => left-- > 0 ? blocks : undefined)
      await during()
      await pouring
      expect((await stage.node.call('stored', {})).files).toEqual(files)
      return 'passed over'
    })
  })

  it('and announces a message of 256 MiB holds little memory', async () => {
    await attack('announces a message of 256 MiB', async (_, during, open) => {
      const stream = await open()
      stream.send(encodeVarint(2 ** 28))
      let left = 3 * bitswapMessageBytesMax
      await pour(stream, () => (left -= 65_536) > 0 ? new Uint8Array(65_536) : undefined)
      await during()
      return stream.status
    })
  })

  it('and sends garbage on many streams holds nobody up', async () => {
    await attack('sends garbage on 200 streams', async (_, during, open) => {
      const streams = await Promise.allSettled(Array.from({ length: 200 }, async () => await open()))
      const opened = streams.flatMap(result => result.status === 'fulfilled' ? [result.value] : [])
      for (const [at, stream] of opened.entries()) if (stream.status === 'open') stream.send(message(noise(2_000, at)))
      await during()
      return `${opened.length} streams`
    })
  })
})
