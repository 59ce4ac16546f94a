import { describe, expect, it } from 'vitest'
import { knownAnswers } from '../../src/dataset/serve-versions.ts'
import { decodeDelegation, signDelegation } from '../../src/format/delegation.ts'
import { readStatement } from '../../src/format/statement.ts'
import { testIdentity } from '../bundle/fixtures.ts'
import { miner } from '../audit/fixtures.ts'
import { knownVersion } from './fixtures.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

const first = await knownVersion('one', '1.0.0')
const second = await knownVersion('two', '1.1.0', first.cid)
const peer = { address: miner(7), peerId: 'peer' }

function answering (stored: Partial<StoredBundle> = {}, mayRead = true, versions = [first, second]) {
  const lookUp = knownAnswers({
    versions: { list: async () => await Promise.resolve([...versions]) },
    store: { record: root => ({ root, readers: 'anyone', embargoed: false, ...stored }) as StoredBundle },
    mayRead: () => mayRead
  })
  return async (version?: string) => (await lookUp({ ...first.manifest, version }, peer)).map(answer => answer.version)
}

describe('knownAnswers', () => {
  it('says which versions there are, the newest first, or whether one is', async () => {
    expect(await answering()()).toEqual(['1.1.0', '1.0.0'])
    expect(await answering()('1.0.0')).toEqual(['1.0.0'])
    expect(await answering()('3.0.0')).toEqual([])
  })

  it('says nothing of what the peer may not read, is embargoed, or is not signed', async () => {
    expect(await answering({}, false)()).toEqual([])
    expect(await answering({ embargoed: true })()).toEqual([])
    expect(await answering({}, true, [{ ...first, signed: undefined }])()).toEqual([])
  })

  it('says what the trails name that it follows, and that is not stored', async () => {
    const named = [first, second].map(({ manifest, signed }) =>
      ({ publisher: manifest.publisher, name: manifest.name, version: manifest.datasetVersion, statement: signed!.statement }))
    const record = (root: typeof first.cid): StoredBundle | undefined =>
      root.equals(first.cid) ? { root, readers: [], embargoed: false } as never : undefined
    const versions = { list: async () => await Promise.resolve([first]) }
    const lookUp = knownAnswers({ versions, store: { record }, mayRead: () => false, named: async () => await Promise.resolve(named) })
    const answers = await lookUp({ publisher: first.manifest.publisher, name: 'qa' }, peer)
    expect(answers.map(({ version }) => version)).toEqual(['1.1.0'])
    expect(await lookUp({ publisher: first.manifest.publisher, name: 'qa', version: '1.0.0' }, peer)).toEqual([])
  })

  it('gives the publisher\'s statement', async () => {
    const lookUp = knownAnswers({
      versions: { list: async () => await Promise.resolve([first]) }, store: { record: () => ({ readers: 'anyone', embargoed: false }) as never }, mayRead: () => true
    })
    const [answer] = await lookUp({ publisher: first.manifest.publisher, name: 'qa' }, peer)
    expect(readStatement(answer?.statement ?? new Uint8Array())).toEqual(first.signed)
    expect(answer).not.toHaveProperty('delegation')
  })

  it('gives the delegation of a node that signed for the publisher', async () => {
    const delegation = await signDelegation({ node: miner(2), until: '9', time: '0' }, async digest => await testIdentity(1).sign(digest))
    const lookUp = knownAnswers({
      versions: { list: async () => await Promise.resolve([{ ...first, delegation: { wallet: first.manifest.publisher, delegation } }]) },
      store: { record: () => ({ readers: 'anyone', embargoed: false }) as never }, mayRead: () => true
    })
    const [answer] = await lookUp({ publisher: first.manifest.publisher, name: 'qa' }, peer)
    expect(decodeDelegation(answer?.delegation ?? new Uint8Array())).toEqual(delegation)
  })
})
