import { describe, expect, it } from 'vitest'
import { PeerUnreachableError } from '../../src/errors.ts'
import { FollowedLogs } from '../../src/audit/followed-logs.ts'
import { Forks } from '../../src/audit/forks.ts'
import { memoryFiles } from './memory-files.ts'
import { publishNotes, startParts } from './nodes.ts'
import type { NodeParts } from './nodes.ts'
import type { DurableFiles } from '../../src/interface/store.ts'

const signal = new AbortController().signal

function startOn (oracle: NodeParts, files: DurableFiles, lines: string[] = []): FollowedLogs {
  const log = (line: string): void => { lines.push(line) }
  const logs = new FollowedLogs({ files, forks: new Forks({ files, log }), log })
  logs.start(oracle)
  return logs
}

describe('FollowedLogs', () => {
  it('go on with what an earlier process followed, and know where its node is', async () => {
    const [miner, oracle, files] = [await startParts(1), await startParts(2), memoryFiles()]
    await publishNotes(miner, 2)
    const first = startOn(oracle, files)
    const followed = await first.follow(miner.identity.address, { providers: [miner.place], signal })
    expect(await first.list()).toEqual([followed])
    first.stop()
    await publishNotes(miner, 1)
    await miner.audit.bundles.publish(await miner.statements.flush())

    const second = startOn(await startParts(3), files)
    const [again] = await second.list()
    expect(again?.mirror?.seen?.checkpoint.size).toBe(2)
    await second.look()
    expect(again?.mirror?.seen?.checkpoint.size).toBe(3)
    const { origin } = again!.mirror!.seen!.checkpoint
    expect(second.find(origin)?.checkpoint.size).toBe(3)
    expect(second.find(origin.replace('0x', '0X'))).toBeUndefined()
    second.stop()
  })

  it('follow nobody of whom nothing was ever seen, and go on with one of whom something was', async () => {
    const [miner, oracle, files] = [await startParts(1), await startParts(2), memoryFiles()]
    const lines: string[] = []
    const logs = startOn(oracle, files, lines)
    await expect(logs.follow(miner.identity.address, { signal })).rejects.toThrow(PeerUnreachableError)
    expect(await logs.list()).toEqual([])
    await logs.follow(miner.identity.address, { providers: [miner.place], signal })
    await miner.network.stop()
    await logs.follow(miner.identity.address, { signal })
    await logs.look()
    expect(lines.filter(line => line.includes('is not seen now')).length).toBeGreaterThanOrEqual(2)
    logs.stop()
  })

  it('are shown without being followed, also what was seen when its node is gone', async () => {
    const [miner, oracle, files] = [await startParts(1), await startParts(2), memoryFiles()]
    const { address } = miner.identity
    await publishNotes(miner, 2)
    const logs = startOn(oracle, files)
    await expect(logs.show(address, { signal })).rejects.toThrow(PeerUnreachableError)
    await oracle.network.connect(miner.place)
    const shown = await logs.show(address, { signal })
    expect(shown.mirror?.seen?.checkpoint.size).toBe(2)
    expect(await logs.list()).toEqual([])
    await miner.network.stop()
    expect(await logs.show(address, { signal })).toBe(shown)
    expect(await logs.follow(address, { signal })).toBe(shown)
    expect(await logs.show(address, { signal })).toBe(shown)
    expect(await logs.list()).toEqual([shown])
    logs.stop()
  })

  it('forget who is followed, and not what was seen', async () => {
    const [miner, oracle, files] = [await startParts(1), await startParts(2), memoryFiles()]
    await publishNotes(miner, 2)
    const logs = startOn(oracle, files)
    await logs.forget(await logs.follow(miner.identity.address, { providers: [miner.place], signal }))
    expect(await logs.list()).toEqual([])
    logs.stop()
    expect(await startOn(oracle, files).list()).toEqual([])
    const again = await startOn(oracle, files).follow(miner.identity.address, { providers: [miner.place], signal })
    expect(again.mirror?.seen?.checkpoint.size).toBe(2)
  })

  it('pass over what is noted and cannot be read', async () => {
    const files = memoryFiles()
    const address = `0x${'12'.repeat(20)}`
    for (const bytes of ['', '{}', '{"origin":"x","providers":[]}', `{"origin":"cortensor-datanode/${address}/${'00'.repeat(16)}","providers":[1]}`]) {
      await files.place([{ path: `followed/${address}/follows`, bytes: new TextEncoder().encode(bytes) }])
      const lines: string[] = []
      expect(await startOn(await startParts(2), files, lines).list()).toEqual([])
      expect(lines).toHaveLength(1)
    }
  })
})
