import { storedManifest } from '../bundle/read-manifest.ts'
import { CorruptBlockError, NotStoredError } from '../errors.ts'
import { countsAs, delegationOf } from '../format/delegated.ts'
import { digestOf } from '../format/digest.ts'
import { compareVersions } from './semantic-version.ts'
import type { Bundle, SignedStatement } from '../interface/bundle.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { DatasetManifest, Manifest } from '../interface/manifest.ts'
import type { AbortOptions, Address } from '../interface/primitives.ts'
import type { Store, StoredBundle } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/** A version that this node has, whole. */
export interface KnownVersion {
  cid: CID
  manifest: DatasetManifest
  /** The publisher's own statement; without one nobody can say that it is the publisher's. */
  signed: SignedStatement | undefined
  /** That by which its signer spoke for the publisher; undefined where the publisher signed. */
  delegation?: SignedDelegation | undefined
}

/** What finding versions needs. */
export interface KnownVersionsComponents {
  store: Pick<Store, 'record' | 'records'>
  /** Reads the manifest of what is stored. It asks nobody, and counts as no use of the bundle. */
  readManifest: (cid: CID, options: AbortOptions) => Promise<Manifest | undefined>
  /** Those of a wallet that this node has seen. */
  delegationsOf: (wallet: Address) => readonly SignedDelegation[]
}

/** Which dataset is meant. */
export interface DatasetName {
  publisher: Address
  name: string
}

/** The versions of datasets that are stored here, by the names in their manifests, each of which is read once. */
export class KnownVersions {
  readonly #components: KnownVersionsComponents
  readonly #manifests = new Map<string, DatasetManifest>()

  constructor (components: KnownVersionsComponents) {
    this.#components = components
  }

  /** Those of one dataset, or of all, in the order of their numbers. */
  async list (of?: DatasetName, options: AbortOptions = {}): Promise<KnownVersion[]> {
    const stored = [...this.#components.store.records()].filter(({ kind }) => kind === 'dataset')
    this.#forget(stored)
    const found: KnownVersion[] = []
    for (const { root } of stored) {
      options.signal?.throwIfAborted()
      const manifest = await this.#manifest(root, options)
      const record = this.#components.store.record(root)
      if (manifest === undefined || record === undefined) continue
      if (of !== undefined && (manifest.publisher !== of.publisher || manifest.name !== of.name)) continue
      const delegations = [...record.delegations ?? [], ...this.#components.delegationsOf(manifest.publisher)]
      const signed = statementOf({ statements: record.statements, delegations }, root, manifest)
      found.push({ cid: root, manifest, signed, delegation: signed && delegationOf(signed, manifest.publisher, delegations) })
    }
    return found.sort((a, b) => compareVersions(a.manifest.datasetVersion, b.manifest.datasetVersion))
  }

  async #manifest (root: CID, options: AbortOptions): Promise<DatasetManifest | undefined> {
    const key = root.toString()
    const known = this.#manifests.get(key)
    if (known !== undefined) return known
    try {
      const manifest = await this.#components.readManifest(root, options)
      if (manifest?.kind !== 'dataset') return undefined
      this.#manifests.set(key, manifest as DatasetManifest)
      return manifest as DatasetManifest
    } catch (error) {
      // It was let go a moment ago, or is damaged: whoever reads it is told.
      if (error instanceof NotStoredError || error instanceof CorruptBlockError) return undefined
      throw error
    }
  }

  #forget (stored: readonly StoredBundle[]): void {
    if (this.#manifests.size <= stored.length) return
    const there = new Set(stored.map(({ root }) => root.toString()))
    for (const key of this.#manifests.keys()) {
      if (!there.has(key)) this.#manifests.delete(key)
    }
  }
}

/** The versions in the store of a node. */
export function storedVersions (
  { store, delegationsOf }: Pick<KnownVersionsComponents, 'delegationsOf'> & { store: Store }
): KnownVersions {
  return new KnownVersions({
    store, delegationsOf, readManifest: async (cid, options) => await storedManifest(store.reader(cid), cid, options)
  })
}

/**
 * True when a publisher, or a node that spoke for it, said by this statement that a root is a version of a dataset of its own.
 * That it is the one which it is said to be is in the manifest.
 */
export function isPublishedBy (
  publisher: Address, signed: SignedStatement, root: CID, delegations: readonly SignedDelegation[]
): boolean {
  const { kind, root: stated } = signed.statement
  return kind === 'dataset' && stated === digestOf(root) && countsAs(signed, publisher, delegations)
}

/** The publisher's statement among those about a version. */
export function statementOf (
  { statements, delegations }: Pick<Bundle, 'statements' | 'delegations'>, root: CID, { publisher }: Pick<DatasetManifest, 'publisher'>
): SignedStatement | undefined {
  return statements.find(signed => isPublishedBy(publisher, signed, root, delegations))
}
