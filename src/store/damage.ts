import type { CID } from 'multiformats/cid'
import { CorruptBlockError } from '../errors.ts'
import { KeyedSlots } from '../format/slots.ts'

/** A stored block that is not what its CID says, or not there. */
export interface DamagedStoredBlock {
  cid: CID
  /** The file in which it should be. */
  path: string
  /** What is wrong, as a part of a sentence: `is missing`. */
  what: string
  /** Every bundle that it belongs to. */
  roots: readonly string[]
  cause?: unknown
}

/**
 * Blocks that were found to be damaged, and are not asked of the disk again until they were repaired. It is in memory only: after
 * a restart they are found again when they are read.
 */
export class Damage {
  /** Whoever looks at a block that may be damaged, or repairs it, does so alone. */
  readonly locks: KeyedSlots = new KeyedSlots()
  readonly #blocks = new Map<string, DamagedStoredBlock>()
  readonly #roots = new Map<string, Set<string>>()
  readonly #log: (line: string) => void

  constructor (log: (line: string) => void) {
    this.#log = log
  }

  /** How many blocks are damaged. */
  get size (): number {
    return this.#blocks.size
  }

  /** Keys of all damaged blocks. */
  keys (): string[] {
    return [...this.#blocks.keys()]
  }

  has (key: string): boolean {
    return this.#blocks.has(key)
  }

  get (key: string): DamagedStoredBlock | undefined {
    return this.#blocks.get(key)
  }

  /** Keys of the damaged blocks of a bundle. */
  ofRoot (root: string): string[] {
    return [...this.#roots.get(root) ?? []]
  }

  /** True when blocks of a bundle are damaged. */
  isDamaged (root: string): boolean {
    return this.#roots.has(root)
  }

  /** Takes note of a damaged block, and says so once. */
  add (key: string, block: DamagedStoredBlock): void {
    const known = this.#blocks.get(key)
    if (known === undefined) this.#log(corruptBlock(block).message)
    this.#note(key, { ...known ?? block, roots: [...new Set([...known?.roots ?? [], ...block.roots])] })
  }

  /** Says that a block is whole again, or not needed any more. */
  repaired (key: string): void {
    const block = this.#blocks.get(key)
    this.#blocks.delete(key)
    for (const root of block?.roots ?? []) {
      const keys = this.#roots.get(root)
      keys?.delete(key)
      if (keys?.size === 0) this.#roots.delete(root)
    }
  }

  /** Forgets a bundle that is not stored any more. Gives the blocks that no other bundle waits for. */
  leave (root: string): DamagedStoredBlock[] {
    const gone: DamagedStoredBlock[] = []
    for (const key of this.ofRoot(root)) {
      const block = this.#blocks.get(key)
      if (block === undefined) continue
      this.repaired(key)
      const roots = block.roots.filter(other => other !== root)
      if (roots.length === 0) gone.push(block)
      else this.#note(key, { ...block, roots })
    }
    return gone
  }

  #note (key: string, block: DamagedStoredBlock): void {
    this.#blocks.set(key, block)
    for (const root of block.roots) this.#roots.set(root, (this.#roots.get(root) ?? new Set()).add(key))
  }
}

/** The error that reading a damaged block ends with. */
export function corruptBlock ({ cid, path, what, roots, cause }: DamagedStoredBlock): CorruptBlockError {
  const bundles = roots.length === 0 ? 'it' : `bundle ${roots.join(' or ')}`
  return new CorruptBlockError(`Block ${cid.toString()} ${what} in ${path}; fetch ${bundles} again`,
    { cid: cid.toString(), path, what, roots, root: roots[0], cause })
}
