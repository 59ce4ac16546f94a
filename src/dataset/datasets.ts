import { expectKind } from '../bundle/expect-kind.ts'
import { checkFetchOptions } from '../bundle/fetch-options.ts'
import { checkObject, checkOptional, checkOptions, checkTexts, invalidArgument } from '../format/argument.ts'
import { formatDatasetName, parseDatasetName } from '../format/dataset-name.ts'
import { parseReference } from '../format/reference.ts'
import { checkSelector, findAffected } from './affected.ts'
import { openAppender } from './appender.ts'
import { VersionClaims } from './check-new-version.ts'
import { diffVersions } from './diff.ts'
import { exportVersion } from './export-version.ts'
import { fetchVersion } from './fetch-version.ts'
import { findVersion, knownCandidates } from './find-version.ts'
import { publishVersion } from './publish-version.ts'
import { reproduceVersion } from './reproduce.ts'
import { resolveVersion } from './resolve.ts'
import { startMirror } from './start-mirror.ts'
import { describeVersion, followVersions } from './versions.ts'
import { checkOwn, versionWithout } from './without.ts'
import type { OpenAppenders } from './appender.ts'
import type { DatasetComponents } from './dataset-components.ts'
import type { SignedVersion } from './conflicts.ts'
import type { FindOptions, FindVersionComponents, FoundVersion } from './find-version.ts'
import type { DatasetName } from './known-versions.ts'
import type { KnownLineage } from './publish-version.ts'
import type { AppendColumn, AppendedRow, AppendInit } from '../interface/append.ts'
import type { DatasetBundle, ExportCarOptions } from '../interface/bundle.ts'
import type { DatasetAppender, DatasetInit, Datasets } from '../interface/dataset.ts'
import type { DatasetReference, DatasetVersion } from '../interface/dataset-version.ts'
import type { DatasetDiff, DatasetDiffOptions } from '../interface/dataset-diff.ts'
import type { AffectedFile, AffectedVersion, ReproduceOptions, Reproduction, WithoutOptions } from '../interface/dataset-lineage.ts'
import type { DatasetMirror, MirrorOptions } from '../interface/dataset-mirror.ts'
import type { ResolvedVersion, ResolveOptions } from '../interface/dataset-trail.ts'
import type { DatasetManifest } from '../interface/manifest.ts'
import type { FetchOptions, PublishOptions } from '../interface/options.ts'
import type { AbortOptions, Reference } from '../interface/primitives.ts'
import type { ProvenanceSelector } from '../interface/provenance.ts'

/** The verbs for datasets, over those for bundles. */
export class NodeDatasets implements Datasets {
  readonly #components: DatasetComponents & Pick<FindVersionComponents, 'openVersion'>
  readonly #claims = new VersionClaims()
  readonly #appending: OpenAppenders = new Set()

  constructor (components: DatasetComponents) {
    const openVersion = async (ref: Reference, options: FetchOptions): Promise<DatasetBundle> =>
      await expectKind(await components.open(ref, options), 'dataset')
    this.#components = { ...components, openVersion }
  }

  async publish (init: DatasetInit, options: PublishOptions = {}): Promise<DatasetBundle> {
    checkObject(init, 'dataset')
    checkOptions(options)
    return await this.#publish(init, options)
  }

  async append<const Columns extends readonly AppendColumn[]> (
    init: AppendInit<Columns>
  ): Promise<DatasetAppender<AppendedRow<Columns>>> {
    return await openAppender({
      ...this.#components,
      publishAfter: async (init, handedOn, options) => await this.#publish(init, options, { handedOn })
    }, this.#appending, init)
  }

  async fetch (ref: DatasetReference, options: FetchOptions = {}): Promise<DatasetBundle> {
    const { cid, providers } = await this.#find(ref, options)
    const of = parseDatasetName(ref)
    return await this.#run({ ...options, providers }, async own => await fetchVersion(this.#components, cid, of, own))
  }

  async open (ref: DatasetReference, options: FetchOptions = {}): Promise<DatasetBundle> {
    const { cid, providers } = await this.#find(ref, options)
    return await this.#components.openVersion(cid, { ...options, providers })
  }

  async * versions (ref: DatasetReference, options: FetchOptions = {}): AsyncGenerator<DatasetVersion> {
    const name = parseDatasetName(ref)
    const { cid, providers } = await this.#run(options, async own => await findVersion(this.#components, ref, own))
    const open = async (ref: Reference): Promise<DatasetBundle> =>
      await this.#components.openVersion(ref, { ...options, providers })
    const known = async (manifest: DatasetManifest): Promise<SignedVersion[]> => name === undefined
      ? await this.#stored(manifest, options)
      : await this.#run(options, async own => await knownCandidates(this.#components, manifest, own))
    yield * followVersions(cid, { open, known })
  }

  async latest (ref: DatasetReference, options: FetchOptions = {}): Promise<DatasetVersion> {
    const { publisher, name } = parseDatasetName(ref) ?? await this.#nameOf(ref, options)
    const bundle = await this.open(formatDatasetName({ publisher, name }), options)
    await bundle.close()
    return describeVersion(bundle)
  }

  async resolve (ref: DatasetReference, given: ResolveOptions = {}): Promise<ResolvedVersion> {
    checkOptions(given)
    const { anchors = [], ...options } = given
    if (!Array.isArray(anchors)) throw invalidArgument('anchors', 'an array of anchors', anchors)
    return await this.#run(options, async own => await resolveVersion(this.#components, ref, anchors, own))
  }

  async checkout (ref: DatasetReference, directory: string, options: FetchOptions = {}): Promise<DatasetVersion> {
    const bundle = await this.open(ref, options)
    try {
      await bundle.saveTo(directory, options)
      return describeVersion(bundle)
    } finally {
      await bundle.close()
    }
  }

  async diff (before: DatasetReference, after: DatasetReference, given: DatasetDiffOptions = {}): Promise<DatasetDiff> {
    checkOptions(given)
    const { rows, key, ...options } = given
    checkOptional(rows, 'rows', 'boolean')
    if (key !== undefined) checkTexts(key, 'key')
    if (key?.length === 0) throw invalidArgument('key', 'at least one column', key)
    const left = await this.open(before, options)
    try {
      const right = await this.open(after, options)
      try {
        return await diffVersions(left, right, { ...options, rows: rows ?? key !== undefined, key })
      } finally {
        await right.close()
      }
    } finally {
      await left.close()
    }
  }

  async * affectedBy (
    selector: ProvenanceSelector, given: FetchOptions & { ref?: DatasetReference } = {}
  ): AsyncGenerator<AffectedVersion> {
    checkSelector(selector)
    checkOptions(given)
    const { ref, ...options } = given
    const refs = ref === undefined
      ? (await this.#components.versions.list(undefined, options)).map(({ cid }) => cid)
      : await Array.fromAsync(this.versions(ref, options), ({ cid }) => cid)
    const seen = new Map<string, AffectedFile | undefined>()
    for (const version of refs) {
      const bundle = await this.open(version, options)
      try {
        const files = await findAffected(bundle, selector, { signal: options.signal, seen })
        if (files.length > 0) yield { ...describeVersion(bundle), name: bundle.name, files }
      } finally {
        await bundle.close()
      }
    }
  }

  async publishWithout (
    ref: DatasetReference, selector: ProvenanceSelector, options: WithoutOptions = {}
  ): Promise<DatasetBundle> {
    checkSelector(selector)
    checkOptions(options)
    const { signal } = options
    const bundle = await this.open(ref, { signal })
    try {
      checkOwn(bundle, this.#components.publisher)
      await bundle.complete({ signal })
      const { init, lineage } = await versionWithout(bundle, selector, options)
      return await this.#publish(init, options, { lineage })
    } finally {
      await bundle.close()
    }
  }

  async reproduce (ref: DatasetReference, given: ReproduceOptions = {}): Promise<Reproduction> {
    checkOptions(given)
    const { build, ...options } = given
    checkOptional(build, 'build', 'function')
    const bundle = await this.open(ref, options)
    try {
      return await this.#run(options, async own =>
        await reproduceVersion(this.#components, bundle, { ...own, ...(build === undefined ? {} : { build }) }))
    } finally {
      await bundle.close()
    }
  }

  async * exportCar (
    ref: DatasetReference, given: ExportCarOptions & { since?: DatasetReference } = {}
  ): AsyncGenerator<Uint8Array> {
    checkOptions(given)
    const { since, ...options } = given
    const bundle = await this.open(ref, options)
    try {
      yield * exportVersion(bundle, since === undefined ? undefined : await this.open(since, options), options)
    } finally {
      await bundle.close()
    }
  }

  async mirror (ref: DatasetReference, options: MirrorOptions = {}): Promise<DatasetMirror> {
    checkOptions(options)
    const { publisher, name } = parseDatasetName(ref) ?? await this.#nameOf(ref, options)
    const dataset = formatDatasetName({ publisher, name })
    return await startMirror({
      ...this.#components,
      history: own => this.#history(dataset, own),
      fetch: async (version, own) => await this.#run(own, async own =>
        await fetchVersion(this.#components, parseReference(version).cid, { publisher, name }, own))
    }, { publisher, name }, options)
  }

  async #publish (init: DatasetInit, options: PublishOptions, known?: KnownLineage): Promise<DatasetBundle> {
    const openVersion = async (ref: DatasetReference, own: FetchOptions): Promise<DatasetBundle> => await this.open(ref, own)
    const components = { ...this.#components, claims: this.#claims, openVersion }
    return await this.#components.run(options, async own => await publishVersion(components, init, own, known))
  }

  /** The versions from the newest one, unless the publisher signed another one in its place. */
  async * #history (dataset: string, options: FetchOptions): AsyncGenerator<DatasetVersion> {
    const { cid, providers } = await this.#find(dataset, options)
    const open = async (ref: Reference): Promise<DatasetBundle> =>
      await this.#components.openVersion(ref, { ...options, providers })
    yield * followVersions(cid, { open })
  }

  async #find (ref: DatasetReference, options: FetchOptions): Promise<FoundVersion> {
    const found = await this.#run(options, async own => await findVersion(this.#components, ref, own))
    if (found.equivocation !== undefined) throw found.equivocation
    return found
  }

  async #run<T> (options: FetchOptions, call: (options: FindOptions) => Promise<T>): Promise<T> {
    checkFetchOptions(options)
    return await this.#components.run(options, call)
  }

  async #nameOf (ref: Reference, options: FetchOptions): Promise<DatasetName> {
    const bundle = await this.#components.openVersion(ref, options)
    await bundle.close()
    return bundle.manifest
  }

  async #stored (manifest: DatasetManifest, options: AbortOptions): Promise<SignedVersion[]> {
    const known = await this.#components.versions.list(manifest, options)
    return known.flatMap(({ cid, manifest: { datasetVersion: version }, signed }) =>
      signed === undefined ? [] : [{ cid, version, signed }])
  }
}
