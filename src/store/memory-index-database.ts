import type { IndexChange, IndexDatabase } from './index-database.ts'

type Group = Map<string, Uint8Array>

/** An index database that is gone with the process. Keys under one prefix are kept together, as they are asked for. */
export class MemoryIndexDatabase implements IndexDatabase {
  /** By the first part of the key, `/share/`, and then by all of it but the last, `/share/<key>/`. */
  readonly #tables = new Map<string, Map<string, Group>>()

  async getMany (keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    return keys.map(key => this.#tables.get(tableOf(key))?.get(groupOf(key))?.get(key))
  }

  async * entries (prefix: string): AsyncGenerator<{ key: string, value: Uint8Array }> {
    const table = this.#tables.get(tableOf(prefix))
    const groups = tableOf(prefix) === prefix ? [...table?.keys() ?? []].sort() : [prefix]
    for (const name of groups) {
      for (const [key, value] of [...table?.get(name) ?? []].sort(byKey)) yield { key, value }
    }
  }

  async write (changes: readonly IndexChange[]): Promise<void> {
    // Most of what is written at a time belongs together.
    let [name, group] = ['', new Map() as Group]
    for (const { key, value } of changes) {
      if (value === undefined) {
        this.#remove(key)
        name = ''
        continue
      }
      if (name === '' || !key.startsWith(name) || key.includes('/', name.length)) {
        name = groupOf(key)
        group = getOrAdd(getOrAdd(this.#tables, tableOf(key)), name)
      }
      group.set(key, value)
    }
  }

  async close (): Promise<void> {
    this.#tables.clear()
  }

  #remove (key: string): void {
    const table = this.#tables.get(tableOf(key))
    const group = table?.get(groupOf(key))
    group?.delete(key)
    if (group?.size === 0) table?.delete(groupOf(key))
  }
}

function tableOf (key: string): string {
  return key.slice(0, key.indexOf('/', 1) + 1)
}

function groupOf (key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1)
}

function getOrAdd<K, V, I> (map: Map<K, Map<V, I>>, key: K): Map<V, I> {
  const known = map.get(key)
  if (known !== undefined) return known
  const added = new Map<V, I>()
  map.set(key, added)
  return added
}

function byKey ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}
