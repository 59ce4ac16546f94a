import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { pendingHandshakesMax, pendingHandshakesPerHostMax } from '../../src/limits.ts'
import { startAdversary } from './adversary.ts'
import { attackNode, serveGrowthMax, useStage } from './stage.ts'
import type { Socket } from 'node:net'

const stage = useStage()

/** Sockets from addresses of this machine that say nothing, as many as stay open. */
class SilentSockets {
  readonly #sockets = new Set<Socket>()

  constructor () {
    onTestFinished(() => { for (const socket of this.#sockets) socket.destroy() })
  }

  get open (): number {
    return this.#sockets.size
  }

  /** Opens so many from one address, and waits until each was accepted by the system or refused. */
  async add (localAddress: string, count: number): Promise<void> {
    const port = Number(/\/tcp\/(\d+)/.exec(stage.node.at)?.[1])
    await Promise.all(Array.from({ length: count }, async () => {
      const socket = connect({ port, host: '127.0.0.1', localAddress })
      this.#sockets.add(socket)
      await new Promise<void>((resolve) => {
        socket.once('connect', resolve)
        socket.on('error', () => { resolve() })
        socket.once('close', () => {
          this.#sockets.delete(socket)
          resolve()
        })
      })
    }))
  }
}

/** On a busy machine so many handshakes at once take longer than one may: then it is tried again, as a miner does. */
const attemptsMax = 5

/** How many of so many peers with keys of their own, all at one address, are connected when all try at once. */
async function connectMany (count: number): Promise<number> {
  const peers = await Promise.all(Array.from({ length: count }, async () => await startAdversary()))
  const connections = await Promise.all(peers.map(async (peer) => {
    for (let attempt = 1; attempt < attemptsMax; attempt++) {
      const connection = await peer.dial(stage.node.at).catch(() => undefined)
      if (connection?.status === 'open') return connection
    }
    return await peer.dial(stage.node.at)
  }))
  return connections.filter(({ status }) => status === 'open').length
}

describe('sockets that say nothing', () => {
  it('from one address, again and again, keep nobody else out', async () => {
    const sockets = new SilentSockets()
    await attackNode(stage, { attack: 'client: connects 900 times and never shakes hands', growthMax: serveGrowthMax }, async (during) => {
      for (let n = 0; n < 9; n++) {
        await sockets.add('127.0.0.2', 100)
        await setTimeout(1_000)
      }
      await during()
      expect(await connectMany(1)).toBe(1)
      expect(sockets.open).toBeLessThanOrEqual(pendingHandshakesPerHostMax)
      return `${sockets.open} wait for the end of their time`
    })
  })

  it('10,000 of them from a hundred addresses, lock nobody out: fifty peers behind one other address connect', async () => {
    const sockets = new SilentSockets()
    await attackNode(stage, { attack: 'client: 10,000 silent sockets from 100 addresses', growthMax: serveGrowthMax }, async (during) => {
      for (let host = 1; host <= 100; host++) await sockets.add(`127.1.0.${host}`, 100)
      await during()
      expect(await connectMany(50)).toBe(50)
      await expect.poll(() => sockets.open).toBeLessThanOrEqual(pendingHandshakesMax)
      return `${sockets.open} wait for the end of their time`
    })
  })
})
