import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { loopback } from '../network/support.ts'
import { outcomesOf } from './stranger.ts'
import type { TaskBundle } from '../../src/interface/bundle.ts'
import type { DataNode, DataNodeInit } from '../../src/interface/data-node.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '0' }
const routerKey = '11'.repeat(32)

/** A router whose repository is on disk, and five miners, all listening on loopback. They end with the test. */
export class PrivateSession {
  readonly home: string
  readonly miners: DataNode[] = []
  #router: DataNode | undefined

  private constructor (home: string) {
    this.home = home
  }

  static async start (): Promise<PrivateSession> {
    const home = await mkdtemp(join(tmpdir(), 'private-'))
    onTestFinished(async () => { await rm(home, { recursive: true, maxRetries: 5 }) })
    const scene = new PrivateSession(home)
    await scene.bootRouter()
    for (let n = 0; n < 5; n++) scene.miners.push(await boot({ home: ':memory:', privateKey: 'generate' }))
    return scene
  }

  get router (): DataNode {
    return this.#router ?? expect.fail('the router does not run')
  }

  /** The two that the task is assigned to. */
  get assigned (): [DataNode, DataNode] {
    return this.miners.slice(0, 2) as [DataNode, DataNode]
  }

  get others (): DataNode[] {
    return this.miners.slice(2)
  }

  /** Everybody who has the task once the miners have fetched it, by where they are. */
  get holders (): string[] {
    return [this.router, ...this.assigned].map(at)
  }

  /** Starts the router, or starts it again. */
  async bootRouter (home: string = this.home): Promise<DataNode> {
    await this.#router?.stop()
    this.#router = await boot({ home, privateKey: routerKey })
    return this.#router
  }

  async publish (): Promise<TaskBundle> {
    const files = [{ name: 'secret.txt', text: 'of this session' }, { name: 'big', bytes: new Uint8Array(1_500_000).fill(3) }]
    return await this.router.publishTaskBundle({ session, prompt: 'Who may read this?', files }, { readers: [] })
  }

  /** The first two fetch it from the router. */
  async fetchAssigned (urn: string): Promise<void> {
    for (const miner of this.assigned) {
      await using task = await miner.fetchTaskBundle(urn, { providers: [at(this.router)] })
      expect(task.prompt).toBe('Who may read this?')
    }
  }

  /** Neither from the router nor from the miners that have it do the other miners get anything, and nobody hears that it is there. */
  async expectClosed (urn: string, miners: readonly DataNode[] = this.others, holders: readonly string[] = this.holders): Promise<void> {
    for (const miner of miners) {
      for (const holder of holders) {
        expect(await outcomesOf(miner.open(urn, { providers: [holder] }))).toEqual(['UnavailableError', 'not-available'])
      }
    }
  }
}

/** Lets go of a bundle, so that it has to be fetched again. */
export async function forget (node: DataNode, urn: string): Promise<void> {
  await node.release(urn, { owner: 'unanswered' })
  // What was fetched a moment ago is kept until those who share the fetch have gone on.
  await expect.poll(async () => {
    await node.collect()
    return await Array.fromAsync(node.list())
  }).toEqual([])
}

export function at (node: DataNode): string {
  return node.multiaddrs[0] ?? expect.fail('it listens nowhere')
}

async function boot (init: DataNodeInit): Promise<DataNode> {
  const node = await createDataNode({ listen: loopback, ...init })
  onTestFinished(async () => { await node.stop() })
  return node
}
