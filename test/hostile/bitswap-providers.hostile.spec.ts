import { create } from 'multiformats/hashes/digest'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { blockBytesMax } from '../../src/limits.ts'
import { noise } from '../format/dags.ts'
import { encodeVarint } from '../../src/format/varint.ts'
import { ended, pour, startAdversary } from './adversary.ts'
import { answersWants, bitswapProtocol, blockField, message, presenceField } from './bitswap.ts'
import { fetchFromLiar, fetchPastLiar } from './misbehaving.ts'
import { attackNode, makeBundle, serveGrowthMax, useStage } from './stage.ts'
import type { Dag } from '../format/dags.ts'
import type { HostileHandler } from './adversary.ts'

const stage = useStage()

interface HostileBitswap {
  attack: string
  answer: (dag: Dag) => HostileHandler
  error: RegExp
  fault: RegExp
  isSilent: boolean
}

function bytesOf ({ blocks }: Dag, cid: CID): Uint8Array {
  return blocks.find(block => block.cid.equals(cid))?.bytes ?? new Uint8Array()
}

const damaged = (bytes: Uint8Array): Uint8Array => bytes.map((byte, at) => at === 5 ? byte ^ 1 : byte)
const missing = { error: /^(?:TimedOut|Unavailable|CorruptTransfer)Error$/, fault: /block/, isSilent: true }

const unwanted = message(blockField(noise(500_000, 3), [1, 0x55, 0x12, 32]))
const presences = message(...Array.from({ length: 1000 }, (_, at) => presenceField(CID.createV1(0x55, create(0x12, noise(32, at))), true)))

/** Bitswap has no word for who lied: a block that was not asked for is passed over, and the one that was has not come. */
const rows: HostileBitswap[] = [
  { attack: 'wrong bytes', answer: dag => answersWants((wants, stream) => { stream.send(message(...wants.map(cid => blockField(damaged(bytesOf(dag, cid)), [1, cid.code, 0x12, 32])))) }), ...missing },
  { attack: 'an identity hash', answer: () => answersWants((wants, stream) => { stream.send(message(...wants.map(cid => blockField(cid.multihash.digest, [1, cid.code, 0, 32])))) }), ...missing },
  { attack: 'an unknown hash', answer: dag => answersWants((wants, stream) => { stream.send(message(...wants.map(cid => blockField(bytesOf(dag, cid), [1, cid.code, 0xb220, 32])))) }), ...missing },
  { attack: 'blocks nobody asked for', answer: () => answersWants(async (_, stream) => { await pour(stream, () => unwanted) }), ...missing, fault: /sends by bitswap what it was not asked for/ },
  { attack: 'a block over 2 MiB', answer: () => answersWants((_, stream) => { stream.send(message(blockField(noise(blockBytesMax + 1, 1)))) }), ...missing },
  { attack: 'a message of 256 MiB', answer: () => answersWants(async (_, stream) => { stream.send(encodeVarint(2 ** 28)); await pour(stream, () => new Uint8Array(65_536)) }), ...missing },
  { attack: 'garbage', answer: () => answersWants((_, stream) => { stream.send(message(noise(1000, 2))) }), ...missing },
  { attack: 'that it has everything, and no block', answer: () => answersWants((wants, stream) => { stream.send(message(...wants.map(cid => presenceField(cid, true)))) }), ...missing },
  { attack: 'that it has nothing', answer: () => answersWants((wants, stream) => { stream.send(message(...wants.map(cid => presenceField(cid, false)))) }), ...missing, isSilent: false },
  { attack: 'presences without end', answer: () => answersWants(async (_, stream) => { await pour(stream, () => presences) }), ...missing, fault: /block|what it was not asked for/ },
  { attack: 'half a block', answer: dag => answersWants((wants, stream) => { stream.send(message(...wants.map(cid => blockField(bytesOf(dag, cid)))).subarray(0, -20)) }), ...missing },
  { attack: 'nothing, and reads nothing', answer: () => async (stream) => { stream.pause(); await ended(stream) }, ...missing }
]

describe('a provider that speaks bitswap and gives', () => {
  it.each(rows)('$attack is found out, alone and beside an honest one', async (row) => {
    const dag = await makeBundle(stage)
    const liar = await startAdversary({ [bitswapProtocol]: row.answer(dag) })
    const provider = { name: liar.at, peer: liar.peerId }

    await attackNode(stage, { attack: `bitswap provider: ${row.attack}`, growthMax: serveGrowthMax }, async (during) => {
      const [happened] = await Promise.all([fetchFromLiar(stage, dag, { ...row, ...provider }), during()])
      await fetchPastLiar(stage, dag, { ...row, ...provider })
      return happened
    })
    expect((await stage.node.call('stored', {})).roots).not.toContain(dag.root.toString())
  })
})
