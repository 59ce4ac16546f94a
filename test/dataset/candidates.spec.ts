import { describe, expect, it } from 'vitest'
import { findCandidates } from '../../src/dataset/candidates.ts'
import { encodeDelegation, signDelegation } from '../../src/format/delegation.ts'
import { encodeStatement } from '../../src/format/statement.ts'
import { answerVersions } from '../../src/transfer/answer-versions.ts'
import { testIdentity } from '../bundle/fixtures.ts'
import { startPeer } from '../transfer/support.ts'
import { root } from '../audit/fixtures.ts'
import { knownVersion, signVersion } from './fixtures.ts'
import type { KnownVersion } from '../../src/dataset/known-versions.ts'
import type { SignedDelegation } from '../../src/interface/delegation.ts'
import type { VersionAnswer } from '../../src/interface/dataset-lookup.ts'

const first = await knownVersion('one', '1.0.0')
const second = await knownVersion('two', '1.1.0', first.cid)
const query = { publisher: first.manifest.publisher, name: 'qa' }
const options = { signal: new AbortController().signal }
const toAnswer = ({ cid, manifest, signed }: KnownVersion, version = manifest.datasetVersion): VersionAnswer =>
  ({ root: cid, version, statement: signed === undefined ? new Uint8Array() : encodeStatement(signed.statement) })

async function asking (answers: VersionAnswer[], known: KnownVersion[] = [], delegations: SignedDelegation[] = []) {
  const [server, client] = [await startPeer(1), await startPeer(2)]
  await answerVersions({ network: server, lookUp: async () => await Promise.resolve(answers) })
  const components = { network: client, versions: { list: async () => await Promise.resolve(known) }, delegationsOf: () => delegations }
  const found = await findCandidates(components, query, { ...options, providers: [server.dialled] })
  return found.candidates.map(({ cid, version, providers }) => [cid.toString(), version, providers.length])
}

describe('findCandidates', () => {
  it('collects what is here and what others say, the newest first', async () => {
    expect(await asking([toAnswer(first), toAnswer(second)], [first])).toEqual([[second.cid.toString(), '1.1.0', 1], [first.cid.toString(), '1.0.0', 0]])
  })

  it('keeps one number of a root beside another: only the manifest decides', async () => {
    expect(await asking([toAnswer(first, '9.0.0')], [first])).toEqual([[first.cid.toString(), '9.0.0', 1], [first.cid.toString(), '1.0.0', 0]])
  })

  it.each(['known', 'shown', 'another\'s'])('takes the statement of a node by a delegation of the publisher: %s', async by => {
    const node = testIdentity(2)
    const signed = await signVersion(second.cid, first.cid, { identity: node })
    const terms = { node: node.address, until: '9', time: '0' }
    const delegation = await signDelegation(terms, async digest => await testIdentity(by === 'another\'s' ? 3 : 1).sign(digest))
    const found = by === 'known'
      ? await asking([toAnswer({ ...second, signed })], [], [{ delegation, wallet: query.publisher }])
      : await asking([{ ...toAnswer({ ...second, signed }), delegation: encodeDelegation(delegation) }])
    expect(found).toEqual(by === 'another\'s' ? [] : [[second.cid.toString(), '1.1.0', 1]])
  })

  it('drops what the publisher did not sign', async () => {
    const forged = { ...second, signed: await signVersion(second.cid, first.cid, { identity: testIdentity(2) }) }
    const other = { ...second, signed: await signVersion(root('other'), first.cid) }
    const result = { ...second, signed: await signVersion(second.cid, first.cid, { kind: 'result' }) }
    expect(await asking([forged, other, result, { ...second, signed: undefined }].map(version => toAnswer(version)))).toEqual([])
  })

  it('takes what a trail names, of which nobody is known to have anything', async () => {
    const named = [first, second, { ...second, manifest: { ...second.manifest, name: 'other' } }].map(({ manifest, signed }) =>
      ({ publisher: manifest.publisher, name: manifest.name, version: manifest.datasetVersion, statement: signed!.statement }))
    const versions = { list: async () => await Promise.resolve([first]) }
    const components = { network: await startPeer(2), versions, delegationsOf: () => [], named: async () => await Promise.resolve(named) }
    const { candidates } = await findCandidates(components, query, options)
    expect(candidates.map(({ version, providers }) => [version, providers])).toEqual([['1.1.0', []], ['1.0.0', []]])
  })

  it('says of those who were asked in vain why', async () => {
    const [server, client] = [await startPeer(1), await startPeer(2)]
    const components = { network: client, versions: { list: async () => await Promise.resolve([]) }, delegationsOf: () => [] }
    const { candidates, failed } = await findCandidates(components, query, { ...options, providers: [server.dialled, 'https://gateway.example', '/memory/nobody'] })
    expect(candidates).toEqual([])
    expect(failed).toHaveLength(1)
  })
})
