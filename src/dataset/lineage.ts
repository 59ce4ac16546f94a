import { InvalidArgumentError, LimitExceededError } from '../errors.ts'
import { quote } from '../format/quote.ts'
import { lineageResultsMax } from '../limits.ts'
import type { AffectedFile } from '../interface/dataset-lineage.ts'
import type { JsonObject } from '../interface/primitives.ts'
import type { Provenance, ProvenanceFile, ProvenanceResult } from '../interface/provenance.ts'

/** A result, and where a file stands in it when the file is linked from there. */
export interface Maker {
  result: ProvenanceResult
  linked?: string
}

/** Which results made a file or folder of a dataset. */
export interface MadeFrom {
  /** From the root of the bundle: `data/…`. */
  path: string
  makers: readonly Maker[]
  rowGroups?: readonly (readonly ProvenanceResult[])[]
}

/** Which results made which files of a version: written into `provenance.json`, and in short into `croissant.json`. */
export class Lineage {
  readonly #made = new Map<string, MadeFrom>()
  readonly #used = new Set<string>()

  /** @throws {@link LimitExceededError} when there are more results than a version may name */
  constructor (made: readonly MadeFrom[]) {
    for (const one of made) this.#made.set(one.path, one)
    const results = new Set(made.flatMap(({ makers }) => makers.map(({ result }) => result.root)))
    if (results.size <= lineageResultsMax) return
    throw new LimitExceededError(`${results.size} results are named; a version may name ${lineageResultsMax}`,
      { limit: 'lineageResultsMax', max: lineageResultsMax, actual: results.size })
  }

  get isEmpty (): boolean {
    return this.#made.size === 0
  }

  /** PROV-O of one file; nothing where nothing is known. */
  describe (path: string): JsonObject {
    const { makers } = this.#find(path) ?? { makers: [] }
    if (makers.length === 0) return {}
    const miners = new Set(makers.map(({ result }) => result.miner))
    const models = new Set(makers.flatMap(({ result }) => result.model?.name ?? []))
    return {
      'prov:wasDerivedFrom': unique(makers.map(({ result }) => `ipfs://${result.root}`)).map(id => ({ '@id': id })),
      'prov:wasAttributedTo': [...miners].map(miner => ({ '@type': 'prov:Agent', 'prov:label': miner })),
      'prov:wasGeneratedBy': {
        '@type': 'prov:Activity',
        'prov:label': models.size === 0 ? 'inference' : `inference with ${[...models].join(', ')}`
      }
    }
  }

  /**
   * The lineage of these files.
   *
   * @throws {@link InvalidArgumentError} when something was said of a file or folder that is not among them
   */
  of (paths: readonly string[]): Provenance {
    const places = new Map<string, number>()
    const results: ProvenanceResult[] = []
    const placeOf = (result: ProvenanceResult): number => {
      const place = places.get(result.root) ?? results.push(result) - 1
      places.set(result.root, place)
      return place
    }
    const files = [...paths].sort((a, b) => a < b ? -1 : 1).flatMap(path => this.#file(path, placeOf) ?? [])
    const [unused] = [...this.#made.keys()].filter(path => !this.#used.has(path))
    if (unused !== undefined) throw new InvalidArgumentError(`generatedBy names ${quote(unused)}, and no file of the dataset is there`, { path: unused })
    return { results, files }
  }

  #file (path: string, placeOf: (result: ProvenanceResult) => number): ProvenanceFile | undefined {
    const found = this.#find(path)
    if (found === undefined) return undefined
    this.#used.add(found.path)
    const places = (results: readonly ProvenanceResult[]): number[] => [...new Set(results.map(placeOf))].sort((a, b) => a - b)
    const groups = found.path === path ? found.rowGroups : undefined
    const makers = found.makers.map(({ result }) => result)
    const from = found.makers.find(({ linked }) => linked !== undefined)
    return {
      path,
      results: places([...makers, ...groups?.flat() ?? []]),
      ...(groups === undefined ? {} : { rowGroups: groups.map(places) }),
      ...(from?.linked === undefined ? {} : {
        linked: { result: placeOf(from.result), path: joined(from.linked, path.slice(found.path.length)) }
      })
    }
  }

  /** What is said of the file itself, or else of the nearest folder that it is in. */
  #find (path: string): MadeFrom | undefined {
    for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      const found = this.#made.get(at)
      if (found !== undefined) return found
    }
    return undefined
  }
}

/** The lineage of a file that stays; of one that was written anew without the row groups that went. */
export function madeFrom ({ results }: Provenance, file: ProvenanceFile, hit?: Pick<AffectedFile, 'results' | 'rowGroups'>): MadeFrom {
  const gone = new Set(hit?.results.map(({ root }) => root))
  const resultsAt = (places: readonly number[]): Provenance['results'] =>
    places.flatMap(place => results[place] ?? []).filter(({ root }) => !gone.has(root))
  const linked = hit === undefined ? file.linked : undefined
  const rowGroups = file.rowGroups?.filter((_, index) => hit?.rowGroups?.includes(index) !== true).map(resultsAt)
  return {
    path: file.path,
    makers: file.results.flatMap(place => resultsAt([place]).map(result =>
      ({ result, ...(linked?.result === place ? { linked: linked.path } : {}) }))),
    ...(rowGroups === undefined ? {} : { rowGroups })
  }
}

function joined (folder: string, below: string): string {
  return folder === '' ? below.slice(1) : folder + below
}

function unique (values: readonly string[]): string[] {
  return [...new Set(values)]
}
