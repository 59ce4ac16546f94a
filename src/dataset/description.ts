import { CID } from 'multiformats/cid'
import { InvalidArgumentError } from '../errors.ts'
import { checkObject, checkOptional, checkTexts, invalidArgument } from '../format/argument.ts'
import { parseReference } from '../format/reference.ts'
import { referenceCharactersMax } from '../limits.ts'
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
  checkOptional(license, 'license', 'string')
  checkOptional(provable, 'provable', 'boolean')
  if (creators !== undefined) checkCreators(creators)
  if (keywords !== undefined) checkTexts(keywords, 'keywords')
  checkOptional(url, 'url', 'string')
  if (datePublished !== undefined && !isDate(datePublished)) throw invalidArgument('datePublished', 'a date such as 2026-01-31', datePublished)
  if (derivedFrom !== undefined) checkOrigins(derivedFrom)
  if (croissant !== undefined) checkCroissant(croissant)
}

function checkCreators (creators: unknown): void {
  if (!Array.isArray(creators)) throw invalidArgument('creators', 'an array of { name, url? }', creators)
  for (const [index, creator] of (creators as unknown[]).entries()) {
    const field = `creators[${index}]`
    checkObject(creator, field)
    if (typeof creator['name'] !== 'string') throw invalidArgument(`${field}.name`, 'text', creator['name'])
    checkOptional(creator['url'], `${field}.url`, 'string')
  }
}

function isDate (value: unknown): boolean {
  return typeof value === 'string' && /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(value) && !Number.isNaN(Date.parse(value))
}

function checkOrigins (origins: unknown): void {
  if (!Array.isArray(origins)) throw invalidArgument('derivedFrom', 'an array of references and URLs', origins)
  for (const [index, origin] of (origins as unknown[]).entries()) {
    const isUrl = typeof origin === 'string' && /^[a-z][a-z0-9+.-]*:\S+$/i.test(origin)
    if (!isUrl && CID.asCID(origin) === null) parseReference(origin as Reference)
    if (typeof origin === 'string' && origin.length > referenceCharactersMax) throw invalidArgument(`derivedFrom[${index}]`, 'a reference or URL', origin)
  }
}

/** The document has a context of its own: with another one its words would mean something else. */
function checkCroissant (croissant: unknown): void {
  checkObject(croissant, 'croissant')
  if (Object.hasOwn(croissant, '@context')) {
    throw new InvalidArgumentError(
      'croissant has an "@context" of its own, and every dataset has that of Croissant 1.1 with PROV-O: write terms of other vocabularies as whole IRIs',
      { argument: 'croissant', value: croissant['@context'] })
  }
}
