import type { CID } from 'multiformats/cid'
import { checkBlockCid } from '../format/dag-links.ts'
import type { PartialBundle } from '../interface/store.ts'
import { partialMsMax } from '../limits.ts'
import { PartialHandle } from './partial-bundle.ts'
import type { PartialMarks } from './partial-marks.ts'
import type { PartialNote } from './partial-note.ts'
import type { PartialRegistry } from './partial-registry.ts'
import { rootText } from './paths.ts'
import { readPartial } from './read-partial.ts'
import { SharedPartial } from './shared-partial.ts'
import type { SpaceAmount } from './space-request.ts'
import type { StoreParts } from './store-parts.ts'

/** What partial bundles are kept with. */
export interface PartialsInit {
  /** Those of the store that these are a part of. */
  parts: () => StoreParts
  marks: PartialMarks
  durability: PartialNote['durability']
}

/** Partial bundles, one for each root. */
export class Partials implements PartialRegistry {
  readonly #init: PartialsInit
  readonly #all = new Map<string, SharedPartial>()

  constructor (init: PartialsInit) {
    this.#init = init
  }

  get bytes (): number {
    return [...this.#all.values()].reduce((sum, { bytes }) => sum + bytes, 0)
  }

  get evictableBytes (): number {
    return this.#idle().reduce((sum, { bytes }) => sum + bytes, 0)
  }

  take (root: CID): PartialBundle {
    checkBlockCid(root)
    const { running } = this.#init.parts()
    running.assertOpen()
    return new PartialHandle(running, this.#all.get(rootText(root)) ?? this.#make(root))
  }

  listed (root: string): SharedPartial | undefined {
    const partial = this.#all.get(root)
    this.#all.delete(root)
    partial?.listed()
    return partial
  }

  async load (): Promise<{ marks: number, useless: string[] }> {
    const { marks, parts } = this.#init
    const useless: string[] = []
    const found = await marks.list()
    for (const { root, note } of found) {
      // Its blocks may be those of a record that cannot be read.
      if (parts().unreadable.has(rootText(root))) continue
      const wanted = note !== undefined && this.#isWanted(rootText(root), note) ? note : undefined
      const blocks = wanted === undefined ? undefined : await readPartial(parts(), root)
      if (wanted === undefined || blocks === undefined || blocks.length === 0) useless.push(rootText(root))
      else this.#make(root).restore(blocks, { ...wanted, usedAt: Math.min(wanted.usedAt, parts().clock()) })
    }
    return { marks: found.length, useless }
  }

  sweep (useless: readonly string[]): Promise<void> {
    return this.#init.marks.sweep(useless)
  }

  async evictOldest (): Promise<SpaceAmount | undefined> {
    const [oldest] = this.#idle().sort((a, b) => a.usedAt - b.usedAt)
    return oldest?.forget()
  }

  async expire (): Promise<void> {
    for (const partial of this.#idle()) if (this.#isOver(partial.usedAt)) await partial.forget()
  }

  async close (): Promise<void> {
    await Promise.all([...this.#all.values()].map(partial => partial.close()))
  }

  #make (root: CID): SharedPartial {
    const { marks, parts } = this.#init
    const onForget = (gone: SharedPartial): void => {
      if (this.#all.get(gone.root) === gone) this.#all.delete(gone.root)
    }
    const partial = new SharedPartial({ parts: parts(), marks, root, onForget })
    this.#all.set(partial.root, partial)
    return partial
  }

  #idle (): SharedPartial[] {
    return [...this.#all.values()].filter(({ isInUse }) => !isInUse)
  }

  #isWanted (root: string, { durability, usedAt }: PartialNote): boolean {
    return !this.#init.parts().records.has(root) && !this.#isOver(usedAt) && (durability === 'power-cut' || this.#init.durability === 'process-crash')
  }

  #isOver (usedAt: number): boolean {
    return this.#init.parts().clock() - usedAt >= partialMsMax
  }
}
