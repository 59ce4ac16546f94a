import { carCacheBytesMax } from '../limits.ts'
import type { PlacedBlock } from './bundle-files.ts'

/** A CAR in memory. */
interface CachedCar {
  blocks: readonly PlacedBlock[]
  bytes: number
}

/** Reads the blocks of a bundle's CAR. */
export type ReadCar = (root: string) => Promise<PlacedBlock[]>

/** Small bundles that were read lately: reading their blocks one by one opens their file once. Nothing in it is checked. */
export class CarCache {
  readonly #read: ReadCar
  readonly #bytesMax: number
  /** The one used last is last. */
  readonly #cars = new Map<string, CachedCar>()
  readonly #blocks = new Map<string, { root: string, bytes: Uint8Array }>()
  readonly #loading = new Map<string, Promise<void>>()
  #bytes = 0

  constructor (read: ReadCar, bytesMax: number = carCacheBytesMax) {
    this.#read = read
    this.#bytesMax = bytesMax
  }

  /** A block of a CAR in memory: of this bundle, or of any. */
  find (key: string, root?: string): Uint8Array | undefined {
    const block = this.#blocks.get(key)
    const car = block === undefined ? undefined : this.#cars.get(block.root)
    if (block === undefined || car === undefined || (root !== undefined && block.root !== root)) return undefined
    this.#cars.delete(block.root)
    this.#cars.set(block.root, car)
    return block.bytes
  }

  /** Brings a CAR into memory; at once for all who ask at the same time. */
  async load (root: string): Promise<void> {
    if (this.#cars.has(root)) return
    await (this.#loading.get(root) ?? this.#load(root))
  }

  /** Begins to bring a CAR into memory that is likely to be asked for. Whoever needs it is told of what goes wrong. */
  prepare (root: string): void {
    if (!this.#cars.has(root) && !this.#loading.has(root)) this.#load(root).catch(() => {})
  }

  /** Lets go of a CAR whose file has changed or does not agree with the index, also of what is being read of it. */
  forget (root: string): void {
    this.#loading.delete(root)
    const car = this.#cars.get(root)
    if (car === undefined) return
    this.#cars.delete(root)
    this.#bytes -= car.bytes
    for (const { key } of car.blocks) {
      if (this.#blocks.get(key)?.root === root) this.#blocks.delete(key)
    }
  }

  #load (root: string): Promise<void> {
    const loading = this.#read(root).then(blocks => {
      if (this.#loading.get(root) === loading) this.#keep(root, blocks)
    }).finally(() => {
      if (this.#loading.get(root) === loading) this.#loading.delete(root)
    })
    this.#loading.set(root, loading)
    return loading
  }

  #keep (root: string, blocks: readonly PlacedBlock[]): void {
    const bytes = blocks.reduce((sum, block) => sum + block.bytes.byteLength, 0)
    this.#cars.set(root, { blocks, bytes })
    this.#bytes += bytes
    for (const block of blocks) this.#blocks.set(block.key, { root, bytes: block.bytes })
    for (const oldest of this.#cars.keys()) {
      if (this.#bytes <= this.#bytesMax || oldest === root) break
      this.forget(oldest)
    }
  }
}
