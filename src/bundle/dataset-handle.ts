import { BundleHandle } from './bundle-handle.ts'
import { notFound } from './tree.ts'
import type { HandleInit } from './bundle-handle.ts'
import type { RowLineage } from '../interface/append.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { DatasetManifest } from '../interface/manifest.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { DatasetFile, RowShape, Table, TypedTable } from '../interface/table.ts'
import type { TableReader } from '../interface/table-reader.ts'

/** A handle on one version of a dataset. */
export class DatasetHandle extends BundleHandle<DatasetManifest> implements DatasetBundle {
  readonly #tables: TableReader

  constructor (init: HandleInit<DatasetManifest>) {
    super(init)
    this.#tables = init.components.tables
  }

  get name (): string {
    const { publisher, name, datasetVersion } = this.manifest
    return `${publisher}/${name}@${datasetVersion}`
  }

  async file (path: string, options: AbortOptions = {}): Promise<DatasetFile> {
    for await (const { type, path: found, cid, size } of this.files(path, options)) {
      if (type !== 'file' || found !== path) break
      return {
        path,
        cid,
        size: Number(size),
        bytes: async options => await this.bytes(path, options),
        stream: options => this.stream(path, options),
        blocks: options => this.blocks(path, options)
      }
    }
    throw notFound(path, 'is a directory')
  }

  table (path: string, options?: AbortOptions): Promise<Table>
  table<Row extends RowShape<Row>> (path: string, options?: AbortOptions): Promise<TypedTable<Row>>
  async table (path: string, options: AbortOptions = {}): Promise<Table> {
    return await this.#tables.open(await this.file(path, options), options)
  }

  async * lineage (path: string, options: AbortOptions = {}): AsyncGenerator<RowLineage> {
    yield * this.#tables.lineage(this, path, { signal: this.signal(options) })
  }

  async proveRow (path: string, row: number, options: AbortOptions = {}): Promise<Uint8Array> {
    const own = { signal: this.signal(options) }
    const root = await this.home.reader.get({ cid: this.cid, position: [] }, own)
    return await this.#tables.prove(this, root, { path, index: row }, own)
  }
}
