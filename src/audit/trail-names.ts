import { DataNodeError } from '../errors.ts'
import { countsAs } from '../format/delegated.ts'
import { verifyDelegation } from '../format/delegation.ts'
import { statementDigest } from '../format/eip712.ts'
import { verifyStatement } from '../format/statement.ts'
import { decodeTrailDatasets, encodeTrailDatasets } from '../format/trail-datasets.ts'
import { trailDatasetsBytesMax } from '../limits.ts'
import { Turn } from '../store/turn.ts'
import { EntryFinder } from './entry-finder.ts'
import type { NamedVersion } from '../interface/dataset-trail.ts'
import type { AbortOptions, Address } from '../interface/primitives.ts'
import type { DurableFiles } from '../interface/store.ts'
import type { Mirror } from './mirror.ts'

const path = 'datasets'

/** What it is made of: those of one log. */
export interface TrailNamesInit {
  files: Pick<DurableFiles, 'place' | 'read'>
  /** Whose log it is. */
  address: Address
  log: (line: string) => void
}

/** The datasets that a followed trail names, as far as its log has their statements: kept on disk beside the copy of it. */
export class TrailNames {
  readonly #init: TrailNamesInit
  #versions: readonly NamedVersion[] = []

  constructor (init: TrailNamesInit) {
    this.#init = init
  }

  get versions (): readonly NamedVersion[] {
    return this.#versions
  }

  /** Reads what was kept before. What is damaged is shown again with the next look. */
  async open (): Promise<this> {
    const { files, address, log } = this.#init
    try {
      const bytes = await files.read(path, trailDatasetsBytesMax)
      if (bytes !== undefined) this.#versions = decodeTrailDatasets(bytes)
    } catch (error) {
      if (!(error instanceof DataNodeError)) throw error
      log(`the datasets of ${address} are not known any more: ${error.message}`)
    }
    return this
  }

  /**
   * Takes what the bundle of a trail says, and keeps of it what the node signed and its log has.
   *
   * @throws {@link InvalidManifestError}, {@link NewerFormatError}, {@link LimitExceededError} when it is no such list; what was
   *   known stays
   */
  async take (bytes: Uint8Array | undefined, mirror: Mirror, options: AbortOptions = {}): Promise<void> {
    const said = bytes === undefined ? [] : decodeTrailDatasets(bytes)
    const known = new Set(this.#versions.map(nameOf))
    const finder = new EntryFinder(async tile => await mirror.entriesOf(tile))
    const size = mirror.seen?.checkpoint.size ?? 0
    const kept: NamedVersion[] = []
    const turn = new Turn()
    for (const version of said) {
      options.signal?.throwIfAborted()
      const isTrue = known.has(nameOf(version)) ||
        (this.#isSigned(version) && await finder.find(statementDigest(version.statement), size, options) !== undefined)
      if (isTrue) kept.push(version)
      await turn.passOn()
    }
    await this.#init.files.place([{ path, bytes: encodeTrailDatasets(kept) }])
    this.#versions = kept
  }

  #isSigned ({ publisher, statement, delegation }: NamedVersion): boolean {
    try {
      const signed = verifyStatement(statement)
      const delegations = delegation === undefined ? [] : [verifyDelegation(delegation)]
      return statement.kind === 'dataset' && signed.signer === this.#init.address && countsAs(signed, publisher, delegations)
    } catch (error) {
      if (error instanceof DataNodeError) return false
      throw error
    }
  }
}

function nameOf ({ publisher, name, version, statement }: NamedVersion): string {
  return `${publisher}/${name}@${version} ${statement.signature}`
}
