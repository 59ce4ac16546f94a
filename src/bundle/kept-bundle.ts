import type { Store, StoredBundle } from '../interface/store.ts'

/** A bundle that stays on disk until it is disposed of, whatever else needs the room. */
export interface KeptBundle extends Disposable {
  stored: StoredBundle
}

/** Keeps a bundle. Nothing may be awaited since it was stored or looked up. */
export function keepStored (store: Pick<Store, 'keep'>, stored: StoredBundle): KeptBundle {
  const kept = store.keep(stored.root)
  return { stored, [Symbol.dispose]: () => { kept[Symbol.dispose]() } }
}
