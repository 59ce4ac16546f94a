import { describe, expect, it } from 'vitest'
import { findAnchored } from '../../src/audit/find-anchored.ts'
import { checkpointDigest } from '../../src/format/checkpoint.ts'
import { anchoredSizesMax } from '../../src/limits.ts'
import { publishNotes, startParts } from './nodes.ts'
import type { AnchorReceipt } from '../../src/interface/anchor.ts'
import type { EvidenceLog } from '../../src/interface/evidence.ts'
import type { Digest } from '../../src/interface/primitives.ts'

const signal = new AbortController().signal
const receipt = (digest: Digest): AnchorReceipt => ({ digest, anchor: 'a', blockNumber: '1', blockHash: `0x${'22'.repeat(32)}`, time: '3' })

describe('findAnchored', () => {
  it('finds a checkpoint that was anchored before the log grew, and none that does not commit to the entry', async () => {
    const [oracle, stranger] = [await startParts(1), await startParts(2)]
    const look = async (count: number): Promise<NonNullable<Awaited<ReturnType<typeof stranger.audit.followed.follow>>['mirror']>> => {
      await publishNotes(oracle, count)
      await oracle.audit.bundles.publish(await oracle.statements.flush())
      return (await stranger.audit.followed.follow(oracle.identity.address, { providers: [oracle.place], signal })).mirror!
    }
    const { checkpoint } = (await look(2)).seen!
    const anchored = checkpointDigest(checkpoint)
    const mirror = await look(3)
    const { origin, size, root } = mirror.seen!.checkpoint
    const asked: Digest[] = []
    const receiptsOf = async (digest: Digest): Promise<AnchorReceipt[]> => {
      asked.push(digest)
      return digest === anchored ? [receipt(digest)] : []
    }
    const log = (index: number): EvidenceLog => ({ address: oracle.identity.address, origin, size, root, index, digest: anchored })
    expect(await findAnchored(mirror, log(1), receiptsOf, { signal })).toEqual({ size: 2, root: checkpoint.root, receipt: receipt(anchored) })
    expect(asked).toHaveLength(4)
    expect(await findAnchored(mirror, log(2), receiptsOf, { signal })).toBeUndefined()
    expect(asked).toHaveLength(7)
  })

  it('asks for the last few sizes only', async () => {
    const oracle = await startParts(1)
    const stranger = await startParts(2)
    await publishNotes(oracle, anchoredSizesMax + 3)
    const { mirror } = await stranger.audit.followed.follow(oracle.identity.address, { providers: [oracle.place], signal })
    const { origin, size, root } = mirror!.seen!.checkpoint
    let asked = 0
    const receiptsOf = async (): Promise<AnchorReceipt[]> => {
      asked++
      return []
    }
    const log = { address: oracle.identity.address, origin, size, root, index: 0, digest: receipt('0x').digest }
    expect(await findAnchored(mirror!, log, receiptsOf, { signal })).toBeUndefined()
    expect(asked).toBe(anchoredSizesMax)
  })
})
