import { digestOf } from '../../src/format/digest.ts'
import { signStatement } from '../../src/format/statement.ts'
import { testIdentity } from '../bundle/fixtures.ts'
import type { DatasetComponents } from '../../src/dataset/dataset-components.ts'
import type { KnownVersion } from '../../src/dataset/known-versions.ts'
import type { SignedStatement } from '../../src/interface/bundle.ts'
import type { Identity } from '../../src/interface/network.ts'
import type { ProvenanceResult } from '../../src/interface/provenance.ts'
import { miner, root } from '../audit/fixtures.ts'
import type { CID } from 'multiformats/cid'

/** Signs a version of a dataset, or something of another kind. */
export async function signVersion (
  cid: CID, previous: CID | undefined, { kind = 'dataset', identity = testIdentity(1) }: { kind?: string, identity?: Identity } = {}
): Promise<SignedStatement> {
  const statement = await signStatement({
    kind, root: digestOf(cid), answers: previous === undefined ? `0x${'00'.repeat(32)}` : digestOf(previous), access: 'anyone', salt: `0x${'11'.repeat(32)}`, time: '1'
  }, async digest => await identity.sign(digest))
  return { statement, signer: identity.address }
}

/** A stored version of `qa` of the first identity. */
export async function knownVersion (text: string, version: string, previous?: CID): Promise<KnownVersion> {
  const cid = root(text)
  return {
    cid,
    signed: await signVersion(cid, previous),
    manifest: {
      format: 'cortensor-bundle', version: '1.0', kind: 'dataset', publisher: testIdentity(1).address, name: 'qa', datasetVersion: version,
      ...(previous === undefined ? {} : { previous: previous.toString() })
    }
  }
}

/** A store that has nothing. */
export const emptyStore: DatasetComponents['store'] = {
  has: async () => await Promise.resolve(false), record: () => undefined, records: () => [], owners: async () => await Promise.resolve([])
}

/** A result of a miner, by number. */
export function resultOf (n: number, text = `result ${n}`): ProvenanceResult {
  return {
    root: root(text).toString(), answers: root('task').toString(), miner: miner(n), model: { name: `model ${n}` },
    task: { chainId: '1', queue: miner(0xcc), sessionId: '7', taskId: String(n) }
  }
}
