import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDataNode, ForkedTrailError, NotStoredError, PeerUnreachableError } from '../../src/index.ts'
import { decodeAuditKey, decodeFork, decodeTlogProof, statementDigest, verifyCheckpoint, verifyConsistency, verifyFork, verifyInclusion } from '../../src/verify.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { Statement } from '../../src/interface/statement.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '0' }
const minerKey = '11'.repeat(32)
const oracleKey = '22'.repeat(32)

describe('an oracle that follows a miner', () => {
  let directory: string
  const nodes: DataNode[] = []

  beforeEach(async () => { directory = await mkdtemp(join(tmpdir(), 'follow-')) })
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async node => { await node.stop() }))
    await rm(directory, { recursive: true })
  })

  async function start (home: string, privateKey: string, init: Partial<Parameters<typeof createDataNode>[0]> = {}): Promise<DataNode> {
    const node = await createDataNode({ home: join(directory, home), privateKey, ...init })
    nodes.push(node)
    return node
  }

  const startMiner = async (home = 'miner'): Promise<DataNode> => await start(home, minerKey, { listen: ['/ip4/127.0.0.1/tcp/0'] })
  const startOracle = async (): Promise<DataNode> => await start('oracle', oracleKey)

  async function publish (node: DataNode, ...prompts: string[]): Promise<Statement[]> {
    const statements: Statement[] = []
    for (const prompt of prompts) {
      await using task = await node.publishTaskBundle({ session, prompt }, { readers: [] })
      statements.push(task.statements[0]!.statement)
    }
    return statements
  }

  it('proves that a statement is in the miner\'s own log, also when the miner is gone and after a restart', async () => {
    const miner = await startMiner()
    const [one] = await publish(miner, 'one') as [Statement]
    const oracle = await startOracle()
    const followed = await oracle.audit.follow(miner.address, { providers: miner.multiaddrs })
    const earlier = followed.checkpoint
    const [two, ...others] = await publish(miner, ...Array.from({ length: 9 }, (_, n) => `p${n}`)) as [Statement, ...Statement[]]
    await expect(followed.proveInclusion(two)).rejects.toThrow(NotStoredError)
    await (await miner.audit.publish()).close()
    const later = await followed.update()
    expect([earlier.size, later.size]).toEqual([1, 10])
    verifyConsistency({ earlier, later }, await miner.audit.proveConsistency(1, 10))
    await miner.stop()
    await oracle.stop()

    const restarted = await startOracle()
    const [again] = await restarted.audit.followed()
    expect(again?.address).toBe(miner.address)
    expect(again?.checkpoint).toEqual(later)
    for (const statement of [one, two, ...others]) {
      const { index, hashes, note } = decodeTlogProof(await again!.proveInclusion(statement))
      const { checkpoint: tree } = verifyCheckpoint(note, { auditKey: decodeAuditKey(later.auditKey), address: miner.address })
      verifyInclusion({ entry: statementDigest(statement), index, tree }, hashes)
    }
    expect((await Array.fromAsync(again!.entries())).map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    await expect(again!.update()).rejects.toThrow(PeerUnreachableError)
    await again!.stop()
    expect(await restarted.audit.followed()).toEqual([])
  })

  it('keeps the proof when the miner tells its log in two ways', async () => {
    const miner = await startMiner()
    await publish(miner, 'one')
    await miner.audit.checkpoint()
    await miner.stop()
    await cp(join(directory, 'miner'), join(directory, 'copy'), { recursive: true })
    const one = await startMiner()
    await publish(one, 'two')
    const oracle = await startOracle()
    const followed = await oracle.audit.follow(one.address, { providers: one.multiaddrs })
    expect(followed.checkpoint.size).toBe(2)
    await one.stop()

    const other = await startMiner('copy')
    await publish(other, 'other', 'and more', 'and more again')
    await other.audit.checkpoint()
    const again = await oracle.audit.follow(other.address, { providers: other.multiaddrs })
    await expect(again.update()).rejects.toThrow(ForkedTrailError)
    // By what the oracle has seen of it, the miner learns that there was another process.
    expect(other.health().problems).toMatchObject([{ code: 'TRAIL_FORKED' }])
    expect(again.checkpoint.size).toBe(2)
    const fork = verifyFork(decodeFork(again.fork!))
    expect([fork.address, fork.earlier.size, fork.later.size]).toEqual([other.address, 2, 4])
    await oracle.stop()
    const restarted = await startOracle()
    expect((await restarted.audit.followed())[0]?.fork).toEqual(again.fork)
    expect(restarted.health()).toMatchObject({ ok: true, problems: [{ code: 'LOG_FORKED', severity: 'warning' }] })
  })

  it('reads the bundle of a trail like any other, which makes no entry of its own', async () => {
    const miner = await startMiner()
    await publish(miner, 'one', 'two')
    await using trail = await miner.audit.publish()
    expect(trail.manifest).toMatchObject({ kind: 'trail' })
    expect(trail.statements).toEqual([])
    expect((await miner.audit.checkpoint()).size).toBe(2)
    const oracle = await startOracle()
    await using copy = await oracle.open(trail.ticket)
    const files = (await Array.fromAsync(copy.files())).filter(({ type }) => type === 'file').map(({ path }) => path)
    expect(files.sort()).toEqual(['audit-key.json', 'checkpoint', 'manifest.json', 'tile/0/000.p/2', 'tile/entries/000.p/2'])
  })
})
