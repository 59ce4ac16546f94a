import { checkNewVersion } from './check-new-version.ts'
import { datasetBundleInit } from './dataset-bundle.ts'
import { readLineage } from './read-lineage.ts'
import { checkVersionRule } from './version-rule.ts'
import { expectKind } from '../bundle/expect-kind.ts'
import type { VersionClaims } from './check-new-version.ts'
import type { DatasetComponents } from './dataset-components.ts'
import type { Lineage, MadeFrom } from './lineage.ts'
import type { CroissantTable } from './read-croissant.ts'
import type { DescribedTable } from './described-table.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { DatasetInit } from '../interface/dataset.ts'
import type { DatasetManifest } from '../interface/manifest.ts'
import type { FetchOptions, PublishOptions } from '../interface/options.ts'
import type { Reference } from '../interface/primitives.ts'

/** What publishing a version needs. */
export type PublishVersionComponents = Pick<DatasetComponents, 'publisher' | 'store' | 'versions' | 'publish' | 'open'> & {
  claims: Pick<VersionClaims, 'claim'>
  openVersion: (ref: Reference, options: FetchOptions) => Promise<DatasetBundle>
}

/** Which results made a version, or made what is linked from the one before it. */
export type KnownLineage = { lineage: Lineage } | { handedOn: readonly MadeFrom[] }

/**
 * Publishes a version, after everything that can be said against it was looked at; when it rejects nothing is listed.
 *
 * @param known - what is known already of who made it
 */
export async function publishVersion (
  components: PublishVersionComponents, init: DatasetInit, options: PublishOptions, known?: KnownLineage
): Promise<DatasetBundle> {
  const { publisher, publish, versions, claims, openVersion } = components
  const { readers = 'anyone', signal } = options
  const previous = init.previous === undefined ? undefined : await openVersion(init.previous, { signal })
  let claim: Disposable | undefined
  try {
    const of = { publisher, name: init.name }
    const published = await versions.list(of, { signal })
    const lineage = known !== undefined && 'lineage' in known
      ? known.lineage
      : await readLineage(components, { ...init, ...known }, { signal })
    const bundleInit = datasetBundleInit(init, {
      publisher, previous, readers, lineage, signal,
      check: async ({ files, content, tables }) => {
        const next = { version: init.version, files, content, tables: toCroissant(tables) }
        if (previous !== undefined) await checkVersionRule(previous, next, { signal })
      }
    })
    const bundle = await publish<DatasetManifest>({
      ...bundleInit, claim: root => {
        checkNewVersion(init, published, { root, previous: previous?.cid })
        claim = claims.claim(of, { version: init.version, previous: previous?.cid }, root)
        // It stays: what was signed was signed, whatever becomes of the bundle.
        return { [Symbol.dispose]: () => {} }
      }
    }, options)
    return await expectKind(bundle, 'dataset')
  } catch (error) {
    claim?.[Symbol.dispose]()
    throw error
  } finally {
    await previous?.close()
  }
}

function toCroissant (tables: ReadonlyMap<string, DescribedTable>): Map<string, CroissantTable> {
  return new Map(Array.from(tables, ([path, { fields, rows }]) =>
    [path, { fields: new Map(fields.map(({ name, type }) => [name, type])), ...(rows === undefined ? {} : { rows }) }]))
}
