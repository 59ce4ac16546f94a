import { LevelDatastore } from 'datastore-level'
import { Key } from 'interface-datastore'
import type { Datastore } from 'interface-datastore'
import { StorageError } from '../errors.ts'
import { seal, unseal } from './sealed-value.ts'
import { systemCode } from './system-reason.ts'

/** One change of the index: without a value the key is removed. */
export interface IndexChange {
  key: string
  value?: Uint8Array
}

/** Sorted keys and values, as far as the index needs them. */
export interface IndexDatabase {
  /** Values in the order of the keys; undefined where there is none. */
  getMany(keys: readonly string[]): Promise<(Uint8Array | undefined)[]>
  /** What stands under a prefix that ends in `/`. */
  entries(prefix: string): AsyncIterable<{ key: string, value: Uint8Array }>
  /** Makes all of the changes or none. With `sync` they are on the drive when it resolves; otherwise they survive the process. */
  write(changes: readonly IndexChange[], options?: { sync?: boolean }): Promise<void>
  /** True when it has refused a write: what it wrote afterwards may be lost when it is opened again. */
  readonly hasRefused?: boolean
  close(): Promise<void>
}

/** An index database in any datastore. A value that is not what was written is as if it were not there. */
export class DatastoreIndexDatabase implements IndexDatabase {
  readonly #datastore: Datastore
  readonly #close: () => Promise<void>

  constructor (datastore: Datastore, close: () => Promise<void> = () => Promise.resolve()) {
    this.#datastore = datastore
    this.#close = close
  }

  getMany (keys: readonly string[]): Promise<(Uint8Array | undefined)[]> {
    return refusing('read', async () => {
      const datastore = this.#datastore
      // LevelDB answers many keys in one native call, which is ten times faster than one by one.
      const values = datastore instanceof LevelDatastore ? await datastore.db.getMany([...keys])
        : await Promise.all(keys.map(async text => {
          const key = new Key(text, false)
          return await datastore.has(key) ? datastore.get(key) : undefined
        }))
      return values.map((value, at) => value === undefined ? undefined : unseal(keys[at] ?? '', value))
    })
  }

  async *entries (prefix: string): AsyncGenerator<{ key: string, value: Uint8Array }> {
    try {
      for await (const { key, value: sealed } of this.#datastore.query({ prefix })) {
        const value = unseal(key.toString(), sealed)
        if (value !== undefined) yield { key: key.toString(), value }
      }
    } catch (cause) {
      throw indexError('read', cause)
    }
  }

  async write (changes: readonly IndexChange[], { sync = false }: { sync?: boolean } = {}): Promise<void> {
    await refusing('write', async () => {
      const datastore = this.#datastore
      if (sync && datastore instanceof LevelDatastore) {
        const operations = changes.map(({ key, value }) => value === undefined ? deletion(key) : { type: 'put' as const, key, value: seal(key, value) })
        await datastore.db.batch(operations, { sync })
        return
      }
      const batch = this.#datastore.batch()
      for (const { key, value } of changes) {
        if (value === undefined) batch.delete(new Key(key, false))
        else batch.put(new Key(key, false), seal(key, value))
      }
      await batch.commit()
    })
  }

  async close (): Promise<void> {
    await refusing('close', () => this.#close())
  }
}

function deletion (key: string): { type: 'del', key: string } {
  return { type: 'del', key }
}

async function refusing<T> (operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw indexError(operation, cause)
  }
}

/** True when an error says that the index itself is damaged, and not that the system refuses. */
export function isIndexError (error: unknown): error is StorageError {
  return error instanceof StorageError && error.details['index'] === true && error.details['code'] === undefined
}

function indexError (operation: string, cause: unknown): StorageError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StorageError(`The index refuses to ${operation}: ${reason}; delete the folder data of the repository to have it made again`,
    { cause, operation, index: true, code: systemCode(reason) })
}
