// What comes out of the story, in sentences and tables.
import { table } from '../support/table.ts'
import type { Address } from 'cortensor-datanode'
import type { Affected, Finding, Published, Reading, Verified } from './start.ts'

/** A miner by its name. */
export interface Miner { name: string, address: Address }

const questionCharactersMax = 100

/** How much is in a version. */
export function versionLine ({ name, rows, rowGroups }: Published): string {
  return `${brief(name)} has ${rows} rows in ${rowGroups} row groups`
}

/** What is another than in the version before. */
export function changesLine ({ changes }: Published): string {
  if (changes === undefined) return 'it is the first version'
  const { from, to, files, rowGroups, rows } = changes
  const signed = (value: number): string => value < 0 ? `−${-value}` : `+${value}`
  const paths = Object.entries(files).flatMap(([what, paths]) => paths.length === 0 ? [] : [`${what}: ${paths.join(', ')}`])
  return [`${from} → ${to}  ${signed(rows)} rows, ${signed(rowGroups)} row groups`, ...paths].join('\n         ')
}

/** What is wrong with rows of a miner. */
export function findingLine (miners: readonly Miner[], { origin, wrong, example }: Finding): string {
  const { question, answer, document } = example
  return `the publisher checks every row: ${wrong} of ${origin.to - origin.from} that ${nameOf(miners, origin.miner)} made for task ` +
    `${origin.task?.taskId ?? '?'} are wrong\n         ${cut(question)}\n         "${answer}" does not stand there in ${document}`
}

/** What a miner has made. */
export function affectedTable (miners: readonly Miner[], { miner, versions }: Affected): string {
  return table([`made by ${nameOf(miners, miner)}`, 'row groups', 'rows'], versions.flatMap(({ version, files }) =>
    files.map(({ path, rowGroups = [], rows }) => [`${version}/${path}`, rowGroups.join(', '), String(rows)])))
}

/** What a stranger finds under a name. */
export function listedTable ({ name, versions, files, columns }: Reading): string {
  return [
    table(['version', 'root', 'signed by'], versions.map(({ version, cid, statement }) => [version, cid, brief(statement?.signer ?? 'nobody')])),
    table([`files of ${brief(name)}`, 'bytes'], files.map(({ path, bytes }) => [path, grouped(bytes)])),
    `columns: ${columns.join(', ')}\n`
  ].join('')
}

/** How much of a version was read, and what came for it. */
export function readLine ({ answers, columns, fileBytes, bytesFetched }: Reading): string {
  return `2 of ${columns.length} columns of ${answers.length} rows, and fetched ${grouped(bytesFetched)} bytes of ${grouped(fileBytes)}`
}

/** What a proof takes. */
export function proofLine ({ bytes, rowBytes, ms }: Verified): string {
  return `a row is proven with nobody there, in ${ms.toFixed(0)} ms: ${grouped(rowBytes)} bytes of row, ${grouped(bytes - rowBytes)} of proof`
}

/** Bytes, as people say them. */
export function bytesText (count: number): string {
  return count < 1_000_000 ? `${(count / 1000).toFixed(0)} KB` : `${(count / 1_000_000).toFixed(1)} MB`
}

function grouped (count: number): string {
  return count.toLocaleString('en-US')
}

function cut (text: string): string {
  return text.length <= questionCharactersMax ? text : `${text.slice(0, questionCharactersMax)}…`
}

/** A text with the beginnings of addresses in it. */
function brief (text: string): string {
  return text.replace(/(0x[0-9a-f]{6})[0-9a-f]{34}/g, '$1…')
}

function nameOf (miners: readonly Miner[], address: Address): string {
  return miners.find(miner => miner.address === address)?.name ?? address
}
