import type { CID } from 'multiformats/cid'
import type { DatasetInit } from '../interface/dataset.ts'
import type { Address, Hex, JsonObject } from '../interface/primitives.ts'

/** A file of a dataset as its description names it. */
export interface DescribedFile {
  /** From the root of the bundle: `data/…`. */
  path: string
  cid: CID
  bytes: bigint
  /** Of the bytes of the file, not of its DAG. */
  sha256: Hex
}

/** @see https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html, appendix "JSON-LD context" */
const context: JsonObject = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  arrayShape: 'cr:arrayShape',
  citeAs: 'cr:citeAs',
  column: 'cr:column',
  conformsTo: 'dct:conformsTo',
  containedIn: 'cr:containedIn',
  cr: 'http://mlcommons.org/croissant/',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  dct: 'http://purl.org/dc/terms/',
  description: { '@container': '@language' },
  equivalentProperty: 'cr:equivalentProperty',
  examples: { '@id': 'cr:examples', '@type': '@json' },
  extract: 'cr:extract',
  field: 'cr:field',
  fileObject: 'cr:fileObject',
  fileProperty: 'cr:fileProperty',
  fileSet: 'cr:fileSet',
  format: 'cr:format',
  includes: 'cr:includes',
  isArray: 'cr:isArray',
  isLiveDataset: 'cr:isLiveDataset',
  jsonPath: 'cr:jsonPath',
  key: 'cr:key',
  md5: 'cr:md5',
  name: { '@container': '@language' },
  parentField: 'cr:parentField',
  path: 'cr:path',
  rai: 'http://mlcommons.org/croissant/RAI/',
  recordSet: 'cr:recordSet',
  references: 'cr:references',
  regex: 'cr:regex',
  repeated: 'cr:repeated',
  replace: 'cr:replace',
  samplingRate: 'cr:samplingRate',
  sc: 'https://schema.org/',
  separator: 'cr:separator',
  source: 'cr:source',
  subField: 'cr:subField',
  transform: 'cr:transform'
}

/** Media types by the end of a file's name. */
const mediaTypes: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  json: 'application/json',
  jsonl: 'application/jsonlines',
  md: 'text/markdown',
  parquet: 'application/vnd.apache.parquet',
  tsv: 'text/tab-separated-values',
  txt: 'text/plain'
}

/**
 * Describes a dataset in Croissant 1.1 (JSON-LD). A file's `contentUrl` is relative to the bundle, because a file
 * cannot name the root that it is part of; `sameAs` names the file itself by its CID.
 */
export function describeDataset (init: DatasetInit, publisher: Address, files: readonly DescribedFile[]): JsonObject {
  return {
    ...init.croissant,
    '@context': context,
    '@type': 'sc:Dataset',
    conformsTo: 'http://mlcommons.org/croissant/1.1',
    name: init.name,
    version: init.version,
    description: init.description ?? `Dataset ${init.name}, published by ${publisher}.`,
    identifier: `${publisher}/${init.name}@${init.version}`,
    ...(init.license === undefined ? {} : { license: licenseUrl(init.license) }),
    ...(init.creators === undefined ? {} : { creator: init.creators.map(creator => ({ '@type': 'sc:Organization', ...creator })) }),
    ...(init.keywords === undefined ? {} : { keywords: [...init.keywords] }),
    distribution: files.map(describeFile)
  }
}

function describeFile ({ path, cid, bytes, sha256 }: DescribedFile, index: number): JsonObject {
  return {
    '@type': 'cr:FileObject',
    // mlcroissant takes no white space in an identifier, not even escaped
    '@id': /\s/.test(path) ? `files/${index}` : path,
    name: path,
    contentUrl: path.split('/').map(encodeURIComponent).join('/'),
    sameAs: `ipfs://${cid.toString()}`,
    contentSize: `${bytes} B`,
    encodingFormat: mediaTypes[path.slice(path.lastIndexOf('.') + 1).toLowerCase()] ?? 'application/octet-stream',
    sha256: sha256.slice(2)
  }
}

/** An SPDX identifier becomes its page; a URL stays what it is. */
function licenseUrl (license: string): string {
  return /^[a-z]+:/i.test(license) ? license : `https://spdx.org/licenses/${license}.html`
}
