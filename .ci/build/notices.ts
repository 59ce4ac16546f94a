import { licenseTexts } from './license-text.ts'
import type { ThirdParty } from './third-party.ts'

const rule = '-'.repeat(80)

/** Shorter files only point at a licence. */
const licenseCharactersMin = 400

/** Writes the licence text of every bundled package: each text once, above it the packages that it belongs to. */
export function formatNotices (product: string, packages: readonly ThirdParty[]): string {
  const owners = new Map<string, string[]>()
  for (const thirdParty of packages) {
    const { name, version, license, author } = thirdParty
    const text = textOf(thirdParty)
    owners.set(text, [...owners.get(text) ?? [], `${name}@${version} (${license}), ${author}`])
  }
  const sections = [...owners].map(([text, names]) => `${rule}\n${names.join('\n')}\n${rule}\n\n${text}\n`)
  return `${product} contains code of ${packages.length} other packages. Their licences:\n\n${sections.join('\n')}`
}

/** The files that a package ships; where they hold no licence, the text that its `license` field names. */
function textOf ({ name, license, texts }: ThirdParty): string {
  const shipped = texts.join('\n\n')
  if (shipped.length >= licenseCharactersMin) return shipped
  const named = license.split(/[^\w.-]+/).map(id => licenseTexts.get(id)).find(text => text !== undefined)
  if (named === undefined) {
    throw new Error(`${name} is licensed as ${license} and ships no licence text: add the text to .ci/build/license-text.ts`)
  }
  return named
}
