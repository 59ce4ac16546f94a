/**
 * What calls on chain cost in gas, on a real node: of a task's way, of an anchor, and of the checks of `contracts/`. A payload is
 * given to the chain itself beside the URN that stands for it. `size` is its bytes, or the entries of the tree; of calls without one
 * it is left out. What a transaction costs at least is in it; `ms` is of the call, with the block that it came into.
 */
import { signStatement } from '../../src/format/statement.ts'
import { createIdentity } from '../../src/network/identity.ts'
import { startAnvil } from '../support/evm/anvil.ts'
import { deployEas } from '../support/evm/deploy.ts'
import { submitTask } from '../support/evm/played-task.ts'
import { deploySession } from '../support/evm/session-contracts.ts'
import { deployVerifier } from '../support/evm/verifier.ts'
import { rounded } from './statistics.ts'
import type { Hex } from 'viem'
import type { StatementBody } from '../../src/interface/statement.ts'
import type { Anvil } from '../support/evm/anvil.ts'
import type { AuditRow } from './audit.ts'

type Measure = (op: string, size: number | undefined, call: () => Promise<bigint>) => Promise<AuditRow>

const urn = 'urn:blob:v2:ipfs:bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'
const payload = 'x'.repeat(2048)
const digest: Hex = `0x${'42'.repeat(32)}`

export async function gas (): Promise<AuditRow[]> {
  await using anvil = await startAnvil()
  return [...await ofTask(anvil), await ofAnchor(anvil), ...await ofChecks(anvil)]
}

const measure: Measure = async (op, size, call) => {
  const start = performance.now()
  const used = await call()
  return { op, size, perSecond: undefined, ms: rounded(performance.now() - start), mbPerSecond: undefined, gas: Number(used) }
}

async function ofTask (anvil: Anvil): Promise<AuditRow[]> {
  const contracts = await deploySession(anvil)
  const miner = anvil.accounts[1]!
  const rows: AuditRow[] = []
  for (const [what, data] of [['URN', urn], ['payload', payload]] as const) {
    const { sessionId, taskId } = await submitTask(contracts, [miner], data)
    const hash = await contracts.hashOf(data)
    rows.push(await measure(`submit the ${what}`, data.length, async () => {
      await contracts.submit(sessionId, data)
      return (await anvil.client.getBlock()).gasUsed
    }))
    rows.push(await measure('precommit', undefined, async () => (await contracts.act(miner, 'precommit', sessionId, taskId, hash, '')).gasUsed))
    rows.push(await measure(`commit the ${what}`, data.length, async () => (await contracts.act(miner, 'commit', sessionId, taskId, data)).gasUsed))
  }
  return rows
}

async function ofAnchor (anvil: Anvil): Promise<AuditRow> {
  const { eas } = await deployEas(anvil)
  return await measure('anchor with EAS', 32, async () => {
    const hash = await anvil.client.writeContract({ ...eas, functionName: 'timestamp', args: [digest] })
    return (await anvil.client.waitForTransactionReceipt({ hash })).gasUsed
  })
}

async function ofChecks (anvil: Anvil): Promise<AuditRow[]> {
  const verifier = await deployVerifier(anvil)
  const identity = createIdentity(new Uint8Array(32).fill(7))
  const body: StatementBody = { kind: 'result', root: digest, answers: digest, access: 'anyone', salt: digest, time: '1786000000' }
  const statement = await signStatement(body, async hash => await identity.sign(hash))
  const rows = [await measure('verifyStatement', undefined, async () => await verifier.gas({ statement: body, signature: statement.signature }))]
  for (const levels of [10, 20]) {
    // What it costs does not depend on what comes of it.
    const inclusion = { entry: digest, index: 0, size: 2 ** levels, root: digest, proof: Array.from({ length: levels }, () => digest) }
    rows.push(await measure('verifyInclusion', 2 ** levels, async () => await verifier.gas(inclusion)))
  }
  return rows
}
