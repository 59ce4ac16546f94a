import { croissantContext } from './croissant-context.ts'
import { rowsOf } from './distribution.ts'
import { describeRecordSets } from './record-sets.ts'
import type { DescribedTable } from './described-table.ts'
import type { Resource } from './distribution.ts'
import type { DatasetInit } from '../interface/dataset.ts'
import type { Address, JsonObject } from '../interface/primitives.ts'

/** What a description is made of, beside what the host says. */
export interface Described {
  publisher: Address
  resources: readonly Resource[]
  /** Tables, by the identifiers of their resources. */
  tables: ReadonlyMap<string, DescribedTable>
  /** What the dataset was made from: identifiers of other things. */
  derivedFrom: readonly string[]
}

/**
 * Describes a dataset in Croissant 1.1 (JSON-LD). A file's `contentUrl` is relative to the bundle, because a file
 * cannot name the root that it is part of; `sameAs` names the file itself by its CID.
 */
export function describeDataset (init: DatasetInit, { publisher, resources, tables, derivedFrom }: Described): JsonObject {
  const recordSets = resources.flatMap(resource => {
    const table = tables.get(resource.id)
    return table === undefined ? [] : describeRecordSets(resource, table)
  })
  return {
    ...init.croissant,
    '@context': croissantContext,
    '@type': 'sc:Dataset',
    conformsTo: 'http://mlcommons.org/croissant/1.1',
    name: init.name,
    version: init.version,
    description: init.description ?? `Dataset ${init.name}, published by ${publisher}.`,
    identifier: `${publisher}/${init.name}@${init.version}`,
    ...(init.license === undefined ? {} : { license: licenseUrl(init.license) }),
    creator: (init.creators ?? [{ name: publisher }]).map(({ name, url }) => ({ '@type': 'sc:Organization', name, ...(url === undefined ? {} : { url }) })),
    publisher: { '@type': 'sc:Organization', name: publisher },
    ...(init.keywords === undefined ? {} : { keywords: [...init.keywords] }),
    ...(init.url === undefined ? {} : { url: init.url }),
    ...(init.datePublished === undefined ? {} : { datePublished: init.datePublished }),
    ...(derivedFrom.length === 0 ? {} : { 'prov:wasDerivedFrom': derivedFrom.map(id => ({ '@id': id })) }),
    distribution: resources.map(({ id, json }) => ({ ...json, ...rowsOf(tables.get(id) ?? { fields: [] }) })),
    ...(recordSets.length === 0 ? {} : { recordSet: recordSets })
  }
}

/** An SPDX identifier becomes its page; a URL stays what it is. */
function licenseUrl (license: string): string {
  return /^[a-z]+:/i.test(license) ? license : `https://spdx.org/licenses/${license}.html`
}
