import { checkObject, checkOptional, checkTexts, invalidArgument } from '../format/argument.ts'
import type { DatasetInit } from '../interface/dataset.ts'

/**
 * Checks what a host says about a dataset: readers of the description and of the card take it for what its name says.
 *
 * @throws {@link InvalidArgumentError} when a property is not of its form
 */
export function checkDescription (
  { description, license, creators, keywords, provable, croissant }:
  Pick<DatasetInit, 'description' | 'license' | 'creators' | 'keywords' | 'provable' | 'croissant'>
): void {
  checkOptional(description, 'description', 'string')
  checkOptional(license, 'license', 'string')
  checkOptional(provable, 'provable', 'boolean')
  if (creators !== undefined) checkCreators(creators)
  if (keywords !== undefined) checkTexts(keywords, 'keywords')
  if (croissant !== undefined) checkObject(croissant, 'croissant')
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
