import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CorruptBlockError, NotStoredError } from '../../src/errors.ts'
import type { PartialBundle, Store } from '../../src/interface/store.ts'
import { directoryOf, raw, recordOf } from './dags.ts'
import type { Block, Dag } from './dags.ts'
import { copyFiles, PowerCutFileSystem } from './fault-file-systems.ts'
import { openMemory } from './fixtures.ts'
import { filesOf, paths } from './partial-fixtures.ts'

/** Two of them have to be put before there is a file. */
const shared = [0, 1].map(n => raw(`shared ${n}`, 530_000))
/** Each shares blocks with the others. */
const dags: readonly Dag[] = [0, 1, 2].map(n => directoryOf([...shared, raw(`own ${n}`, 530_000), raw(`small ${n}`, 50)]))

type Step =
  | { do: 'put', dag: number, block: number } |
  { do: 'suspend' | 'discard' | 'commit', dag: number } |
  { do: 'hurt', dag: number, block: number } |
  { do: 'collect' | 'close' | 'kill' | 'cut' }

const dag = fc.nat({ max: dags.length - 1 })
const block = fc.nat({ max: 4 })
const steps = fc.array<Step[]>(fc.oneof(
  { weight: 8, arbitrary: fc.tuple(dag, fc.subarray([0, 1, 2, 3, 4], { minLength: 1 }))
    .map(([dag, blocks]) => blocks.map(block => ({ do: 'put' as const, dag, block }))) },
  { weight: 3, arbitrary: dag.map(dag => [{ do: 'suspend' as const, dag }]) },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom('discard' as const, 'commit' as const), dag).map(([what, dag]) => [{ do: what, dag }]) },
  { weight: 1, arbitrary: fc.tuple(dag, block).map(([dag, block]) => [{ do: 'hurt' as const, dag, block }]) },
  { weight: 3, arbitrary: fc.constantFrom<Step[][]>([{ do: 'collect' }], [{ do: 'close' }], [{ do: 'kill' }], [{ do: 'cut' }]) }
), { minLength: 4, maxLength: 20 }).map(groups => groups.flat())

test('gives right bytes alone, keeps what was suspended beyond the end of the process, and leaves no file behind', async () => {
  await fc.assert(fc.asyncProperty(steps, async steps => {
    const run = new Run()
    await run.open(new PowerCutFileSystem())
    for (const step of steps) await run.take(step)
    await run.check()
    await run.reopen()
    await run.check()
    await run.store.collect()
    // Nothing is swept while a bundle is damaged; now there is none.
    await run.reopen()
    expect(await filesOf(run.disk)).toEqual([])
  }), { numRuns: 25 })
}, 120_000)

/** A store, and what is known to be on its disk. */
class Run {
  disk!: PowerCutFileSystem
  store!: Store
  readonly #users = new Map<number, PartialBundle>()
  /** Keys of what was put since the last user came, and of what was suspended, by DAG. */
  readonly #put = dags.map(() => new Set<Block>())
  readonly #left = dags.map(() => new Set<Block>())
  /** Blocks that some bundle has had: what is put of them may not be written. */
  readonly #listed = new Set<Block>()
  readonly #hurtOnce = new Set<Block>()
  /** DAGs that are stored, and that nothing has happened to. */
  readonly #stored = new Set<Dag>()

  async open (disk: PowerCutFileSystem): Promise<void> {
    this.disk = disk
    this.store = await openMemory({ fileSystem: disk })
  }

  async reopen (): Promise<void> {
    for (const at of [...this.#users.keys()]) await this.#suspend(at)
    await this.store.close()
    await this.#openNext()
  }

  async take (step: Step): Promise<void> {
    switch (step.do) {
      case 'put': return this.#putBlock(step.dag, step.block)
      case 'suspend': return this.#suspend(step.dag)
      case 'discard': return this.#discard(step.dag)
      case 'commit': return this.#commit(step.dag)
      case 'hurt': return this.#hurt(step.dag, step.block)
      case 'collect':
        for (const at of dags.keys()) if (!this.#users.has(at)) this.#left[at]?.clear()
        this.#stored.clear()
        await this.store.collect()
        return
      case 'close': return this.reopen()
      case 'kill':
        this.#dropUsers()
        return this.#openNext()
      case 'cut':
        this.#dropUsers()
        for (const left of this.#left) left.clear()
        return this.open(await copyFiles(await this.disk.afterCut(), new PowerCutFileSystem()))
    }
  }

  /** What was stored is there; every partial has what is known to be left of it, and whatever it has is right. */
  async check (): Promise<void> {
    for (const { blocks } of this.#stored) {
      for (const { cid, bytes } of blocks) expect(Buffer.from(await this.store.get(cid)).equals(bytes)).toBe(true)
    }
    for (const [at, { root, blocks }] of dags.entries()) {
      const partial = this.#users.get(at) ?? this.store.partial(root)
      await partial.found()
      for (const block of blocks) {
        const has = await partial.has(block.cid)
        if (this.#left[at]?.has(block) === true) expect(has, `block ${blocks.indexOf(block)} of ${at}`).toBe(true)
        if (has) expect(await this.#reads(partial, block)).toBe(true)
      }
      if (!this.#users.has(at)) await partial.suspend()
    }
  }

  async #putBlock (at: number, index: number): Promise<void> {
    const { root, blocks } = dags[at] as Dag
    const block = blocks[index] as Block
    const partial = this.#users.get(at) ?? this.store.partial(root)
    this.#users.set(at, partial)
    await partial.put(block.cid, block.bytes)
    this.#put[at]?.add(block)
  }

  async #suspend (at: number): Promise<void> {
    const partial = this.#users.get(at)
    if (partial === undefined) return
    this.#users.delete(at)
    const left = this.#left[at] as Set<Block>
    const put = [...this.#put[at] ?? []].filter(block => !this.#listed.has(block))
    const isSpilled = put.filter(({ bytes }) => bytes.byteLength === 530_000).length > 1
    if (isSpilled || left.size > 0) for (const block of put) left.add(block)
    this.#put[at]?.clear()
    await partial.suspend()
  }

  async #discard (at: number): Promise<void> {
    await this.#users.get(at)?.discard()
    if (this.#users.delete(at)) this.#left[at]?.clear()
    this.#put[at]?.clear()
  }

  async #commit (at: number): Promise<void> {
    const { root, blocks } = dags[at] as Dag
    const partial = this.#users.get(at) ?? this.store.partial(root)
    await partial.commit(recordOf(root, { holds: [] })).then(() => {
      for (const block of blocks) this.#listed.add(block)
      if (!blocks.some(block => this.#hurtOnce.has(block))) this.#stored.add(dags[at] as Dag)
      this.#left[at]?.clear()
      this.#put[at]?.clear()
    }, (error: unknown) => {
      if (!(error instanceof NotStoredError) && !(error instanceof CorruptBlockError)) throw error
    })
    if (!this.#users.has(at)) await partial.suspend()
  }

  async #hurt (at: number, index: number): Promise<void> {
    const block = dags[at]?.blocks[index] as Block
    const { file } = paths.block(block.cid)
    const { bytes } = await this.disk.stat(file) ?? { bytes: 0 }
    if (bytes === 0) return
    await this.disk.remove(file)
    await this.disk.writeFile(file, [new Uint8Array(bytes)], { sync: true })
    for (const set of [...this.#put, ...this.#left]) set.delete(block)
    this.#listed.add(block)
    this.#hurtOnce.add(block)
    for (const dag of this.#stored) if (dag.blocks.includes(block)) this.#stored.delete(dag)
  }

  async #openNext (): Promise<void> {
    await this.open(await this.disk.afterKill())
    this.#unlink()
  }

  /** What is not reached from the root is swept, and so is what was damaged on the way. */
  #unlink (): void {
    for (const [at, { blocks: [top] }] of dags.entries()) if (!this.#left[at]?.has(top as Block)) this.#left[at]?.clear()
  }

  #dropUsers (): void {
    this.#users.clear()
    for (const put of this.#put) put.clear()
  }

  async #reads (partial: PartialBundle, { cid, bytes }: Block): Promise<boolean> {
    try {
      const read = await partial.get(cid)
      return createHash('sha256').update(read).digest().equals(createHash('sha256').update(bytes).digest())
    } catch (error) {
      // It was hurt, and is found out now.
      return error instanceof CorruptBlockError
    }
  }
}
