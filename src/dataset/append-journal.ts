/**
 * Rows that wait for the next version of a dataset, on disk. In `appends/<dataset>/` of a repository are
 *
 * ```
 * state.json        what is said of the dataset: columns, and how far it was committed
 * s<n>.json         the rows of one call, n counting from 0: what they came from, and the rows
 * p<n>-<m>.rows     the rows of s<n> to s<m>, which make a row group: one in a line
 * p<n>-<m>.json     which of them came from what
 * ```
 *
 * Each file is written as a whole, and is on the drive before anybody is told that its rows are kept. A row group is there when
 * both of its files are, and then takes the place of what it was made of, which is removed. What is before `from` of the state
 * was committed, and is removed too.
 */
import { InvalidArgumentError, LimitExceededError, StorageError } from '../errors.ts'
import { fromUtf8, toUtf8 } from '../format/utf8.ts'
import { appendBytesMax, appendFileBytesMax, appendGroupBytes, appendResultsMax } from '../limits.ts'
import { sameColumns } from './append-columns.ts'
import type { KeptOrigin } from './row-origin.ts'
import type { AppendColumn, RowLineage } from '../interface/append.ts'
import type { JsonValue } from '../interface/primitives.ts'
import type { DurableFiles } from '../interface/store.ts'

/** Rows of a row group that came from one result. */
export type KeptRange = KeptOrigin & Pick<RowLineage, 'from' | 'to'>

/** What is kept of the dataset beside its rows. */
export interface JournalState {
  columns: readonly AppendColumn[]
  /** Number of the first call whose rows are not committed. */
  from: number
  /** Number of the next file of rows, from 1. */
  part: number
  /** The version that is being committed, the root of the one before it, and the first call whose rows are not in it. */
  committing?: { version: string, previous?: string, to: number }
}

/** A row group that is complete. */
export interface Pack {
  from: number
  /** The last call, included. */
  to: number
  ranges: readonly KeptRange[]
}

interface Segment {
  call: number
  origin: KeptOrigin
  rows: JsonValue[][]
  bytes: number
}

/** What it works on. */
export interface JournalInit {
  files: DurableFiles
  directory: string
  columns: readonly AppendColumn[]
  rowGroupRows: number
}

/** The rows of one dataset. Nobody else may be at its directory, and one call at a time may be made. */
export class AppendJournal {
  readonly #init: JournalInit
  readonly #packs: Pack[] = []
  readonly #segments: Segment[] = []
  readonly #results = new Set<string>()
  #state: JournalState
  #next = 0

  private constructor (init: JournalInit, state: JournalState) {
    this.#init = init
    this.#state = state
  }

  /**
   * Opens what is on disk, and removes what is no longer needed.
   *
   * @throws {@link InvalidArgumentError} when rows of other columns wait there
   * @throws {@link StorageError} when a file is not what it should be
   */
  static async open (init: JournalInit): Promise<AppendJournal> {
    const { files, directory, columns } = init
    const stored = await readJson(files, `${directory}/state.json`) as JournalState | undefined
    const journal = new AppendJournal(init, stored ?? { columns, from: 0, part: 1 })
    await journal.#load(await files.list(directory))
    const isSame = sameColumns(journal.#state.columns, columns)
    if (!isSame && journal.rows > 0) {
      throw new InvalidArgumentError('Rows of other columns wait for the next version: commit them with those columns first',
        { columns: journal.#state.columns })
    }
    if (stored === undefined || !isSame) await journal.#placeState({ ...journal.#state, columns })
    return journal
  }

  get state (): JournalState { return this.#state }

  /** Row groups that are complete. */
  get packs (): readonly Pack[] { return this.#packs }

  get rows (): number {
    const packed = this.#packs.reduce((sum, { ranges }) => sum + (ranges.at(-1)?.to ?? 0), 0)
    return this.#segments.reduce((sum, { rows }) => sum + rows.length, packed)
  }

  /** True when rows of this result wait already. */
  has (result: string): boolean { return this.#results.has(result) }

  /** Keeps the rows of one call; when it resolves they are on the drive. */
  async add (origin: KeptOrigin, rows: JsonValue[][]): Promise<void> {
    checkResults(this.#results.size)
    const call = this.#next
    const bytes = toUtf8(JSON.stringify({ origin, rows }))
    if (bytes.byteLength > appendBytesMax) {
      throw new LimitExceededError(`These ${rows.length} rows take ${bytes.byteLength} bytes, more than ${appendBytesMax}: append fewer at a time`,
        { limit: 'appendBytesMax', max: appendBytesMax, actual: bytes.byteLength })
    }
    await this.#init.files.place([{ path: this.#at(`s${call}.json`), bytes }])
    this.#next = call + 1
    this.#results.add(origin.result)
    this.#segments.push({ call, origin, rows, bytes: bytes.byteLength })
    const size = this.#segments.reduce((sum, { bytes }) => sum + bytes, 0)
    const count = this.#segments.reduce((sum, { rows }) => sum + rows.length, 0)
    // These rows are kept, whatever becomes of their row group: the next call tries again.
    if (size >= appendGroupBytes || count >= this.#init.rowGroupRows) await this.seal().catch(() => {})
  }

  /** Makes a row group of the rows that are in none yet. */
  async seal (): Promise<void> {
    const segments = [...this.#segments]
    const [first, last] = [segments[0], segments.at(-1)]
    if (first === undefined || last === undefined) return
    let from = 0
    const ranges = segments.map(({ origin, rows }) => ({ ...origin, from, to: from += rows.length }))
    const name = `p${first.call}-${last.call}`
    const lines = segments.flatMap(({ rows }) => rows.map(row => `${JSON.stringify(row)}\n`)).join('')
    await this.#init.files.place([
      { path: this.#at(`${name}.rows`), bytes: toUtf8(lines) },
      { path: this.#at(`${name}.json`), bytes: toUtf8(JSON.stringify(ranges)) }
    ])
    this.#packs.push({ from: first.call, to: last.call, ranges })
    this.#segments.length = 0
    // They are passed over from now on, whether they can be removed or not.
    await this.#remove(segments.map(({ call }) => `s${call}.json`))
  }

  /** The rows of a row group. */
  async readPack ({ from, to }: Pack): Promise<JsonValue[][]> {
    const bytes = await this.#init.files.read(this.#at(`p${from}-${to}.rows`), appendFileBytesMax)
    const lines = bytes === undefined ? undefined : fromUtf8(bytes)?.trimEnd().split('\n')
    if (lines === undefined) throw damaged(this.#at(`p${from}-${to}.rows`))
    return lines.map(line => JSON.parse(line) as JsonValue[])
  }

  /** Says which version, after which one, is being made of everything that is in a row group. */
  async beginCommit (version: { version: string, previous?: string }): Promise<void> {
    await this.#placeState({ ...this.#state, committing: { ...version, to: (this.#packs.at(-1)?.to ?? -1) + 1 } })
  }

  /** Says that no version is being made any more. */
  async abandonCommit (): Promise<void> {
    const { columns, from, part } = this.#state
    await this.#placeState({ columns, from, part })
  }

  /** Says that everything in the version is committed, and removes it. */
  async endCommit (): Promise<void> {
    const { columns, part, committing } = this.#state
    if (committing === undefined) return
    await this.#placeState({ columns, from: committing.to, part: part + 1 })
    const done = this.#packs.filter(({ to }) => to < committing.to)
    this.#packs.splice(0, done.length)
    for (const { result } of done.flatMap(({ ranges }) => ranges)) this.#results.delete(result)
    await this.#remove(done.flatMap(packFiles))
  }

  async #load (names: readonly string[]): Promise<void> {
    const { files } = this.#init
    const present = new Set(names)
    const packs = names.flatMap(parsePack).filter(pack => packFiles(pack).every(name => present.has(name)))
    let next = this.#state.from
    // Where making one was refused halfway, a longer one with the same rows was made later.
    for (const pack of packs.sort((a, b) => a.from - b.from || b.to - a.to)) {
      if (pack.from < next) continue
      next = pack.to + 1
      const ranges = await readJson(files, this.#at(`p${pack.from}-${pack.to}.json`))
      if (!Array.isArray(ranges)) throw damaged(this.#at(`p${pack.from}-${pack.to}.json`))
      this.#packs.push({ ...pack, ranges: ranges as KeptRange[] })
    }
    const packed = Math.max(this.#state.from, ...this.#packs.map(({ to }) => to + 1))
    const calls = names.flatMap(name => /^s(\d+)\.json$/.exec(name)?.[1] ?? []).map(Number).sort((a, b) => a - b)
    for (const call of calls.filter(call => call >= packed)) await this.#loadSegment(call)
    this.#next = Math.max(packed, (calls.at(-1) ?? -1) + 1)
    const origins = [...this.#packs.flatMap(({ ranges }) => ranges), ...this.#segments.map(({ origin }) => origin)]
    for (const { result } of origins) this.#results.add(result)
    await this.#sweep(names)
  }

  async #loadSegment (call: number): Promise<void> {
    const path = this.#at(`s${call}.json`)
    const { origin, rows } = Object(await readJson(this.#init.files, path)) as Partial<Pick<Segment, 'origin' | 'rows'>>
    if (origin === undefined || rows === undefined) throw damaged(path)
    this.#segments.push({ call, origin, rows, bytes: JSON.stringify({ origin, rows }).length })
  }

  /** Removes what an earlier process left behind. */
  async #sweep (names: readonly string[]): Promise<void> {
    const needed = new Set(['state.json', ...this.#packs.flatMap(packFiles), ...this.#segments.map(({ call }) => `s${call}.json`)])
    await this.#remove(names.filter(name => !needed.has(name) && /^[sp]\d/.test(name)))
  }

  async #remove (names: readonly string[]): Promise<void> {
    await Promise.allSettled(names.map(async name => { await this.#init.files.remove(this.#at(name)) }))
  }

  async #placeState (state: JournalState): Promise<void> {
    await this.#init.files.place([{ path: this.#at('state.json'), bytes: toUtf8(JSON.stringify(state)) }])
    this.#state = state
  }

  #at (name: string): string { return `${this.#init.directory}/${name}` }
}

function checkResults (waiting: number): void {
  if (waiting < appendResultsMax) return
  throw new LimitExceededError(`Rows of ${waiting} results wait for the next version: commit it before more are appended`,
    { limit: 'appendResultsMax', max: appendResultsMax, actual: waiting + 1 })
}

function packFiles ({ from, to }: Pick<Pack, 'from' | 'to'>): string[] {
  return [`p${from}-${to}.rows`, `p${from}-${to}.json`]
}

function parsePack (name: string): { from: number, to: number }[] {
  const [, from, to] = /^p(\d+)-(\d+)\.rows$/.exec(name) ?? []
  return from === undefined || to === undefined ? [] : [{ from: Number(from), to: Number(to) }]
}

async function readJson (files: DurableFiles, path: string): Promise<unknown> {
  const bytes = await files.read(path, appendFileBytesMax)
  if (bytes === undefined) return undefined
  try {
    return JSON.parse(fromUtf8(bytes) ?? '') as unknown
  } catch (cause) {
    throw damaged(path, cause)
  }
}

function damaged (path: string, cause?: unknown): StorageError {
  return new StorageError(`${path} of the repository is damaged: restore it, or move it away and append its rows again`, { path, cause })
}
