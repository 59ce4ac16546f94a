import type { ImportedFile, ImportedFiles } from '../bundle/publish.ts'
import type { DatasetInit } from '../interface/dataset.ts'
import type { Address } from '../interface/primitives.ts'

/** Files named in the card; the rest is counted. */
const filesShownMax = 50

/** The `README.md` of a dataset, for people: what it is, who made it, what it holds. */
export function writeCard (init: DatasetInit, publisher: Address, files: ImportedFiles): string {
  const facts: [string, string | undefined][] = [
    ['Version', init.version],
    ['Publisher', `\`${publisher}\``],
    ['License', init.license],
    ['Creators', init.creators?.map(({ name, url }) => url === undefined ? name : `${name} (${url})`).join(', ')],
    ['Keywords', init.keywords?.join(', ')]
  ]
  const shown: ImportedFile[] = []
  for (const file of files) if (shown.push(file) === filesShownMax) break
  const rest = files.length - filesShownMax
  return [
    `# ${init.name}`,
    '',
    ...(init.description === undefined ? [] : [init.description, '']),
    ...facts.flatMap(([name, value]) => value === undefined ? [] : [`- ${name}: ${oneLine(value)}`]),
    '',
    '| file | bytes | CID |',
    '|---|---|---|',
    ...shown.map(({ path, bytes, cid }) => `| ${oneLine(path).replaceAll('|', '\\|')} | ${bytes} | \`${cid.toString()}\` |`),
    ...(rest > 0 ? [`| and ${rest} more | | |`] : []),
    '',
    '`croissant.json` describes it for machines.',
    ''
  ].join('\n')
}

function oneLine (text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
