import { setTimeout } from 'node:timers/promises'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { encodeDelegation } from '../../src/format/delegation.ts'
import { AnswerReader } from '../../src/format/message-reader.ts'
import { dagProtocol, encodeRequest } from '../../src/format/messages.ts'
import { delegationBytesMax } from '../../src/limits.ts'
import { addressOfPeer } from '../../src/network/identity.ts'
import { readVectors } from '../format/vectors.ts'
import { openStream, startAdversary } from './adversary.ts'
import { attackNode, newSeed, serveGrowthMax, useStage } from './stage.ts'
import type { Connection } from '@libp2p/interface'
import type { Delegation } from '../../src/interface/delegation.ts'
import type { Address } from '../../src/interface/primitives.ts'

const stage = useStage()
const vectors = readVectors('delegation') as {
  valid: { name: string, delegation: Delegation }[]
  badSignatures: { name: string, delegation: Delegation }[]
  otherWallets: { name: string, delegation: Delegation }[]
}

/** What a node says when it is asked for a root with this shown; undefined when it ends the stream. */
async function ask (connection: Connection, root: CID, delegation: Uint8Array): Promise<string | undefined> {
  const stream = await openStream(connection, dagProtocol)
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const answers = new AnswerReader()
  stream.addEventListener('message', ({ data }) => {
    for (const answer of answers.read(data.subarray())) if (answer.type === 'header') resolve(answer.header.status)
  })
  stream.addEventListener('close', () => { resolve(undefined) })
  stream.send(encodeRequest({ root, mode: 'block', from: [], to: undefined, since: [], delegation }))
  const status = await promise
  stream.abort(new Error('It has answered'))
  return status
}

/** Attacks with connections of its own: one for each thing that is shown. */
async function attack (name: string, run: (dial: () => Promise<Connection>, own: Address) => Promise<string>): Promise<void> {
  const adversary = await startAdversary()
  const own = addressOfPeer(adversary.libp2p.peerId) as Address
  await attackNode(stage, { attack: `delegation: ${name}`, growthMax: serveGrowthMax }, async (during) => {
    const happened = await run(async () => await adversary.dial(stage.node.at), own)
    await during()
    for (const connection of adversary.libp2p.getConnections()) connection.abort(new Error('The attack is over'))
    return happened
  })
}

async function guarded (): Promise<CID> {
  const { cid } = await stage.node.call('publish', { seed: newSeed(), files: 3, bytesEach: 2000, readers: 'nobody' })
  return CID.parse(cid)
}

describe('a client', () => {
  it('that shows what is forged, replayed or malformed hears what a stranger hears', async () => {
    const root = await guarded()
    const shown = [...vectors.valid, ...vectors.badSignatures, ...vectors.otherWallets].map(({ delegation }) => encodeDelegation(delegation))
    await attack('forged, replayed and malformed', async (dial) => {
      const connection = await dial()
      const said = new Set<string | undefined>()
      const malformed = [new Uint8Array(), Uint8Array.of(0xff), new Uint8Array(delegationBytesMax)]
      for (const bytes of [...shown, ...malformed]) said.add(await ask(connection, root, bytes))
      expect([...said].filter(status => status !== 'not-available' && status !== 'busy' && status !== undefined)).toEqual([])
      return [...said].join(', ')
    })
  })

  it('that shows a huge one is told that its request is none', async () => {
    const root = await guarded()
    await attack('larger than one may be', async (dial) => {
      const status = await ask(await dial(), root, new Uint8Array(delegationBytesMax + 1))
      expect(status).toBe('bad-request')
      return status ?? 'ended'
    })
  })

  it('that shows another one with each of 3,000 requests makes the node check a few', async () => {
    const root = await guarded()
    await attack('3,000 different ones', async (dial, own) => {
      const stream = await openStream(await dial(), dagProtocol)
      for (let until = 0; until < 3_000; until++) {
        // A signature that belongs to some wallet: whose, takes the node a millisecond to find.
        const { signature } = vectors.valid[0]!.delegation
        const delegation = encodeDelegation({ node: own, until: String(4_000_000_000 + until), time: '0', signature })
        stream.send(encodeRequest({ root, mode: 'block', from: [], to: undefined, since: [], delegation }))
      }
      await setTimeout(500)
      return stream.status
    })
  })
})
