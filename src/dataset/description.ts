import { CID } from 'multiformats/cid'
import { InvalidArgumentError } from '../errors.ts'
import { checkObject, checkOptional, checkTexts, invalidArgument } from '../format/argument.ts'
import { checkJsonValue } from '../format/json-value.ts'
import { quote } from '../format/quote.ts'
import { parseReference } from '../format/reference.ts'
import { jsonDepthMax, referenceCharactersMax } from '../limits.ts'
import type { DatasetInit } from '../interface/dataset.ts'
import type { Reference } from '../interface/primitives.ts'

/**
 * Checks what a host says about a dataset: readers of the description and of the card take it for what its name says.
 *
 * @throws {@link InvalidArgumentError} when a property is not of its form
 */
export function checkDescription (
  { description, license, creators, keywords, provable, croissant, url, datePublished, derivedFrom }:
  Omit<DatasetInit, 'name' | 'version' | 'files'>
): void {
  checkOptional(description, 'description', 'string')
  if (license !== undefined && !isLicense(license)) {
    throw invalidArgument('license', 'an SPDX identifier, such as CC-BY-4.0, or the URL of its text', license)
  }
  checkOptional(provable, 'provable', 'boolean')
  if (creators !== undefined) checkCreators(creators)
  if (keywords !== undefined) checkTexts(keywords, 'keywords')
  checkOptional(url, 'url', 'string')
  if (datePublished !== undefined && !isDate(datePublished)) throw invalidArgument('datePublished', 'a date such as 2026-01-31', datePublished)
  if (derivedFrom !== undefined) checkOrigins(derivedFrom)
  if (croissant !== undefined) checkCroissant(croissant)
}

function checkCreators (creators: unknown): void {
  if (!Array.isArray(creators) || creators.length === 0) throw invalidArgument('creators', 'an array of at least one { name, url? }', creators)
  for (const [index, creator] of (creators as unknown[]).entries()) {
    const field = `creators[${index}]`
    checkObject(creator, field)
    if (typeof creator['name'] !== 'string') throw invalidArgument(`${field}.name`, 'text', creator['name'])
    checkOptional(creator['url'], `${field}.url`, 'string')
  }
}

/** What is neither would become the address of a page that is not there. */
function isLicense (value: unknown): boolean {
  return typeof value === 'string' && (/^(https?|ipfs):\S+$/i.test(value) || /^[a-z0-9][a-z0-9.-]*\+?$/i.test(value))
}

/** The parser takes the 30th of February, and makes it the 2nd of March. */
function isDate (value: unknown): boolean {
  if (typeof value !== 'string' || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(value)) return false
  const time = Date.parse(value)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value)
}

function checkOrigins (origins: unknown): void {
  if (!Array.isArray(origins)) throw invalidArgument('derivedFrom', 'an array of references and URLs', origins)
  for (const [index, origin] of (origins as unknown[]).entries()) {
    const isUrl = typeof origin === 'string' && /^[a-z][a-z0-9+.-]*:\S+$/i.test(origin)
    if (!isUrl && CID.asCID(origin) === null) parseReference(origin as Reference)
    if (typeof origin === 'string' && origin.length > referenceCharactersMax) throw invalidArgument(`derivedFrom[${index}]`, 'a reference or URL', origin)
  }
}

/** What every document has, and what has an option of its own. */
const ownProperties: ReadonlySet<string> = new Set(['@id', '@type', 'conformsTo', 'creator', 'datePublished', 'description', 'distribution',
  'identifier', 'keywords', 'license', 'name', 'prov:wasDerivedFrom', 'publisher', 'recordSet', 'url', 'version'])

/** The document has a context of its own: with another one, in whatever part of it, its words would mean something else. */
function checkCroissant (croissant: unknown): void {
  checkObject(croissant, 'croissant')
  checkJsonValue(croissant, jsonDepthMax)
  const own = Object.keys(croissant).find(name => ownProperties.has(name))
  if (own !== undefined) {
    throw new InvalidArgumentError(
      `croissant has ${quote(own)}, which every description has already: say it by the option of that name, if there is one`,
      { argument: `croissant.${own}`, value: croissant[own] })
  }
  for (const value of valuesIn(croissant)) {
    if (!Object.hasOwn(value, '@context')) continue
    throw new InvalidArgumentError(
      'croissant has an "@context" of its own, and every dataset has that of Croissant 1.1 with PROV-O: write terms of other vocabularies as whole IRIs',
      { argument: 'croissant', value })
  }
}

/** The objects and arrays of a JSON value, itself first. */
function * valuesIn (root: object): Generator<object> {
  const waiting = [root]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next
    for (const child of Object.values(next) as unknown[]) if (typeof child === 'object' && child !== null) waiting.push(child)
  }
}
