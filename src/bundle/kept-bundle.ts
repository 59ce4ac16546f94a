import type { Store, StoredBundle } from '../interface/store.ts'
import type { CheckedBlocks } from './checked-blocks.ts'

/** A bundle that stays on disk until it is disposed of, whatever else needs the room. */
export interface KeptBundle extends Disposable {
  stored: StoredBundle
  /** Of one that was checked just now: what a handle is opened with. */
  checked?: CheckedBlocks | undefined
}

/** Keeps a bundle. Nothing may be awaited since it was stored or looked up. */
export function keepStored (store: Pick<Store, 'keep'>, stored: StoredBundle, checked?: CheckedBlocks): KeptBundle {
  const kept = store.keep(stored.root)
  return { stored, checked, [Symbol.dispose]: () => { kept[Symbol.dispose]() } }
}
