import { InvalidArgumentError, StoppedError } from '../errors.ts'
import { checkNumber, checkObject, checkOptions, invalidArgument } from '../format/argument.ts'
import { parseReference } from '../format/reference.ts'
import { appendGroupRowsDefault, appendGroupRowsMax } from '../limits.ts'
import { checkAppendColumns, encodeAppendRow } from './append-columns.ts'
import { AppendJournal } from './append-journal.ts'
import { partNames, writeRowLineage } from './appended-parts.ts'
import { checkDatasetName } from './dataset-bundle.ts'
import { loadHyparquetWriter } from './parquet-package.ts'
import { parquetStream } from './parquet-stream.ts'
import { findPrevious, readPrevious } from './previous-content.ts'
import { checkOrigin, completeOrigin } from './row-origin.ts'
import { parseVersion } from './semantic-version.ts'
import type { Pack } from './append-journal.ts'
import type { MadeFrom } from './lineage.ts'
import type { PreviousComponents } from './previous-content.ts'
import type { OriginComponents } from './row-origin.ts'
import type { AppendInit, RowLineage, RowOrigin } from '../interface/append.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { CommitInit, DatasetAppender, DatasetInit } from '../interface/dataset.ts'
import type { FetchOptions, PublishOptions } from '../interface/options.ts'
import type { AbortOptions, JsonValue, Reference } from '../interface/primitives.ts'
import type { FileSource } from '../interface/source.ts'
import type { DurableFiles } from '../interface/store.ts'
import type { TableRow } from '../interface/table.ts'

/** What appenders need from the node. */
export interface AppenderComponents extends OriginComponents, PreviousComponents {
  files: DurableFiles
  /** Publishes a version of which it is known who made what is linked from the one before it. */
  publishAfter: (init: DatasetInit, handedOn: readonly MadeFrom[], options: PublishOptions) => Promise<DatasetBundle>
  openVersion: (ref: Reference, options: FetchOptions) => Promise<DatasetBundle>
}

/** The datasets that are open for appending, by their names. */
export type OpenAppenders = Set<string>

/**
 * Opens a dataset for appending, with what was appended before and not committed.
 *
 * @throws {@link InvalidArgumentError} when an option is not what it should be, or the name is open already
 * @throws {@link StorageError} when what is on disk is damaged
 */
export async function openAppender (
  components: AppenderComponents, isOpen: OpenAppenders, init: AppendInit
): Promise<DatasetAppender> {
  checkObject(init, 'init')
  const { name, columns, rowGroupRows = appendGroupRowsDefault } = init
  checkDatasetName(name)
  checkAppendColumns(columns)
  checkNumber(rowGroupRows, 'rowGroupRows', { min: 1, max: appendGroupRowsMax })
  if (isOpen.has(name)) throw new InvalidArgumentError(`Rows are being appended to ${name} already: use that appender, or close it first`, { dataset: name })
  isOpen.add(name)
  try {
    const journal = await AppendJournal.open({ files: components.files, directory: name, columns, rowGroupRows })
    return new Appender(components, journal, name, () => isOpen.delete(name))
  } catch (error) {
    isOpen.delete(name)
    throw error
  }
}

/** A commit that is about to be made. */
interface Begun {
  isResumed: boolean
  previous: Reference | undefined
}

class Appender implements DatasetAppender {
  readonly name: string
  readonly #components: AppenderComponents
  readonly #journal: AppendJournal
  readonly #release: () => void
  /** One call after the other is at the journal. */
  #last: Promise<unknown> = Promise.resolve()
  #committing: Promise<DatasetBundle> | undefined
  #isClosed = false

  constructor (components: AppenderComponents, journal: AppendJournal, name: string, release: () => void) {
    this.#components = components
    this.#journal = journal
    this.name = name
    this.#release = release
  }

  get rows (): number { return this.#journal.rows }

  get unfinished (): string | undefined {
    return this.#committing === undefined ? this.#journal.state.committing?.version : undefined
  }

  async append (rows: readonly TableRow[], origin: RowOrigin, options: AbortOptions = {}): Promise<boolean> {
    checkOptions(options)
    if (!Array.isArray(rows) || rows.length === 0) throw invalidArgument('rows', 'an array of at least one', rows)
    const said = checkOrigin(origin)
    const encoded = rows.map((row, at) => encodeAppendRow(this.#journal.state.columns, row as TableRow, at))
    return await this.#inTurn(options, async () => {
      if (this.#journal.has(said.result)) return false
      await this.#journal.add(await completeOrigin(this.#components, said, options), encoded)
      return true
    })
  }

  async commit (init: CommitInit, options: PublishOptions = {}): Promise<DatasetBundle> {
    checkObject(init, 'init')
    checkOptions(options)
    parseVersion(init.version)
    if (this.#committing !== undefined) throw new InvalidArgumentError(`A version of ${this.name} is being committed: wait for it`)
    try {
      this.#committing = this.#commit(init, options)
      return await this.#committing
    } finally {
      this.#committing = undefined
    }
  }

  async close (): Promise<void> {
    if (this.#isClosed) return
    await this.#committing?.catch(() => {})
    this.#isClosed = true
    await this.#last.catch(() => {})
    this.#release()
  }

  async [Symbol.asyncDispose] (): Promise<void> { await this.close() }

  /** Rows may be appended while it publishes: they are for the version after it. */
  async #commit (init: CommitInit, options: PublishOptions): Promise<DatasetBundle> {
    const { isResumed, previous } = await this.#inTurn(options, async () => await this.#begin(init, options))
    const published = await this.#publish({ ...init, ...(previous === undefined ? {} : { previous }) }, { ...options, isResumed })
    await this.#inTurn({}, async () => { await this.#journal.endCommit() })
    return published
  }

  /** Finds out which version comes before, and whether it goes on with what was cut off. */
  async #begin ({ version, previous: named }: CommitInit, options: AbortOptions): Promise<Begun> {
    const { committing } = this.#journal.state
    if (committing !== undefined && committing.version !== version) {
      throw new InvalidArgumentError(`The commit of ${this.name}@${committing.version} was cut off: commit that version first`, { version: committing.version })
    }
    const previous = named === undefined
      ? committing?.previous ?? await findPrevious(this.#components, this.name, version, options)
      : parseReference(named).cid.toString()
    if (committing !== undefined) return { isResumed: true, previous: named ?? previous }
    await this.#journal.seal()
    if (this.#journal.packs.length === 0) throw new InvalidArgumentError(`Nothing was appended to ${this.name}: there is nothing to commit`)
    await this.#journal.beginCommit({ version, ...(previous === undefined ? {} : { previous }) })
    return { isResumed: false, previous: named ?? previous }
  }

  async #publish (
    init: CommitInit, { isResumed, ...options }: PublishOptions & { isResumed: boolean }
  ): Promise<DatasetBundle> {
    try {
      const previous = await readPrevious(this.#components.openVersion, init.previous, options)
      const files = [...previous.files, ...await this.#newFiles(previous.part + 1)]
      const chunking = init.chunking ?? 'content-defined'
      return await this.#components.publishAfter({ ...init, chunking, name: this.name, files }, previous.madeFrom, options)
    } catch (error) {
      // Nothing was published, unless it was before it was cut off. Where that cannot be noted, the same version comes next too.
      if (!isResumed) await this.#inTurn({}, async () => { await this.#journal.abandonCommit() }).catch(() => {})
      throw error
    }
  }

  /** @param partMin - the first number that no table of the version before has */
  async #newFiles (partMin: number): Promise<FileSource[]> {
    const writer = await loadHyparquetWriter()
    const { columns, part, committing } = this.#journal.state
    const packs = this.#journal.packs.filter(({ to }) => to < (committing?.to ?? 0))
    const { table, lineage } = partNames(Math.max(part, partMin))
    const journal = this.#journal
    const groups = async function * (): AsyncGenerator<JsonValue[][]> {
      for (const pack of packs) yield await journal.readPack(pack)
    }
    return [
      { name: table, stream: parquetStream(writer, columns, groups()) },
      { name: lineage, stream: writeRowLineage(lineageOf(`data/${table}`, packs)) }
    ]
  }

  async #inTurn<T> ({ signal }: AbortOptions, work: () => Promise<T>): Promise<T> {
    const turn = this.#last.catch(() => {}).then(async () => {
      if (this.#isClosed) throw new StoppedError(`The appender of ${this.name} was closed`)
      signal?.throwIfAborted()
      return await work()
    })
    this.#last = turn
    return await turn
  }
}

/** A line for each result in each row group. */
function lineageOf (path: string, packs: readonly Pack[]): RowLineage[] {
  return packs.flatMap(({ ranges }, rowGroup) => ranges.map(range => ({ path, rowGroup, ...range })))
}
