import { describe, expect, it } from 'vitest'
import { dagProtocol } from '../../src/format/messages.ts'
import { startAdversary } from './adversary.ts'
import { hostileAnswers } from './answers.ts'
import { fetchFromLiar, fetchPastLiar } from './misbehaving.ts'
import { attackNode, fetchGrowthMax, makeBundle, useStage } from './stage.ts'

const stage = useStage()

describe('a provider that speaks the protocol and gives', () => {
  it.each(hostileAnswers)('$attack is found out, alone and beside an honest one', async (row) => {
    const dag = await makeBundle(stage)
    const liar = await startAdversary({ [dagProtocol]: row.answer(dag) })
    const provider = { name: liar.at, peer: liar.peerId }

    await attackNode(stage, { attack: `provider: ${row.attack}`, growthMax: fetchGrowthMax }, async (during) => {
      const [happened] = await Promise.all([fetchFromLiar(stage, dag, { ...row, ...provider }), during()])
      await fetchPastLiar(stage, dag, { ...row, ...provider })
      return happened
    })
    expect(liar.libp2p.getConnections().length).toBeLessThan(3)
  })
})
