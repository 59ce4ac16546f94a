import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, PeerUnreachableError, StoppedError, TimedOutError, UnavailableError } from '../../src/errors.ts'
import { bitswapReader } from '../../src/network/bitswap-reader.ts'
import { alice, bob } from './fake-dialler.ts'
import { blockOf } from './support.ts'
import type { AskOptions } from '../../src/network/bitswap-asks.ts'
import type { BitswapReaderComponents } from '../../src/network/bitswap-reader.ts'

type Answer = (options: AskOptions) => Promise<Uint8Array>

const silence: Answer = ({ signal }) => new Promise((_resolve, reject) => {
  signal?.addEventListener('abort', () => { reject(signal.reason as Error) })
})
const nothing: Answer = async () => { throw new UnavailableError('it does not have it') }

/** Answers for each peer, and notes who was asked. */
function componentsOf (
  answers: Record<string, Answer>, stopped = new AbortController().signal
): BitswapReaderComponents & { asked: string[] } {
  const asked: string[] = []
  return {
    asked,
    stopped,
    ask: async (peerId, _cid, options) => {
      asked.push(peerId)
      return await (answers[peerId] ?? nothing)(options)
    }
  }
}

describe('bitswapReader', async () => {
  const { cid, bytes } = await blockOf('a block')
  const give: Answer = async () => bytes

  it('asks one peer after the other, and first the one that answered last', async () => {
    const components = componentsOf({ [alice.peerId]: nothing, [bob.peerId]: give })
    const reader = bitswapReader(cid, [alice, bob], components)
    expect(await reader.get(cid)).toEqual(bytes)
    expect(await reader.get(cid)).toEqual(bytes)
    expect(components.asked).toEqual([alice.peerId, bob.peerId, bob.peerId])
  })

  it('says who was asked when nobody has it', async () => {
    const gone: Answer = async () => { throw new PeerUnreachableError('it is gone') }
    const reader = bitswapReader(cid, [alice, bob], componentsOf({ [alice.peerId]: nothing, [bob.peerId]: gone }))
    const error: unknown = await reader.get(cid).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(UnavailableError)
    expect((error as UnavailableError).details['attempts']).toEqual([
      { peer: alice.peerId, reason: 'it does not have it' }, { peer: bob.peerId, reason: 'it is gone' }
    ])
    expect(String(error)).toContain(cid.toString())
    await expect(bitswapReader(cid, [], componentsOf({})).get(cid)).rejects.toThrow(UnavailableError)
  })

  it('says what is wrong with the only peer as it is', async () => {
    const late: Answer = async () => { throw new TimedOutError('late') }
    await expect(bitswapReader(cid, [alice], componentsOf({ [alice.peerId]: late })).get(cid)).rejects.toThrow(TimedOutError)
    const strange: Answer = async () => { throw new Error('what?') }
    await expect(bitswapReader(cid, [alice], componentsOf({ [alice.peerId]: strange })).get(cid))
      .rejects.toMatchObject({ name: 'UnavailableError', details: { attempts: [{ reason: 'what?' }] } })
  })

  it('rejects with the reason of the signal, and asks nobody further', async () => {
    const components = componentsOf({ [alice.peerId]: silence, [bob.peerId]: give })
    const reader = bitswapReader(cid, [alice, bob], components)
    const reason = new Error('enough')
    await expect(reader.get(cid, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(components.asked).toEqual([])
    const abort = new AbortController()
    const got = reader.get(cid, { signal: abort.signal })
    abort.abort(reason)
    await expect(got).rejects.toBe(reason)
    expect(components.asked).toEqual([alice.peerId])
  })

  it('ends when the node stops', async () => {
    const stopped = new AbortController()
    const got = bitswapReader(cid, [alice, bob], componentsOf({ [alice.peerId]: silence, [bob.peerId]: give }, stopped.signal)).get(cid)
    stopped.abort(new StoppedError('stopped'))
    await expect(got).rejects.toThrow(StoppedError)
  })

  it('hands on that something came', async () => {
    let heard = 0
    const chunks: Answer = async ({ onProgress }) => {
      onProgress?.()
      return bytes
    }
    await bitswapReader(cid, [alice], componentsOf({ [alice.peerId]: chunks }), { onProgress: () => { heard++ } }).get(cid)
    expect(heard).toBe(1)
  })

  it('knows the empty block without asking: Kubo says that it does not have it', async () => {
    const empty = await blockOf('')
    const components = componentsOf({})
    expect(await bitswapReader(cid, [alice], components).get(empty.cid)).toEqual(empty.bytes)
    expect(components.asked).toEqual([])
  })

  it('refuses a CID that bitswap would answer with anything', async () => {
    const reader = bitswapReader(cid, [alice], componentsOf({}))
    await expect(reader.get(CID.createV1(0x55, identity.digest(bytes)))).rejects.toThrow(InvalidArgumentError)
  })
})
