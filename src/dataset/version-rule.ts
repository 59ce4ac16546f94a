import { VersionRuleError } from '../errors.ts'
import { blockOf, BlockSet } from '../format/block-set.ts'
import { quote } from '../format/quote.ts'
import { hasGrown } from './grown-text.ts'
import { readTables } from './read-croissant.ts'
import { parseVersion } from './semantic-version.ts'
import type { CroissantTable } from './read-croissant.ts'
import type { EarlierFile } from './grown-text.ts'
import type { ImportedContent, ImportedFile, ImportedFiles } from '../bundle/publish.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/** Which number of a version has to go up. */
export type VersionStep = 'major' | 'minor' | 'patch'

/** A version that is about to be published. */
export interface NewVersion {
  version: string
  files: ImportedFiles
  content: ImportedContent
  /** Its tables, by the paths of their files. */
  tables: ReadonlyMap<string, CroissantTable>
}

/**
 * Checks the number of a version against what changed, by the rule of Croissant 1.1 ("Dataset Versioning"): PATCH when the data
 * is the same, also under other names or in another format; MINOR when all of it is still there as it was and more has come,
 * be it files, or rows at the end of a table of text; MAJOR when something was changed or removed. A larger step than needed is
 * fine. Before 1.0.0 anything may change, as Semantic Versioning has it.
 *
 * That data in another format is the same cannot be seen; a PATCH is believed when the columns and the number of rows are
 * the same.
 *
 * @throws {@link VersionRuleError} when the step is too small
 */
export async function checkVersionRule (previous: DatasetBundle, next: NewVersion, options: AbortOptions = {}): Promise<void> {
  const { datasetVersion } = previous.manifest
  const step = stepBetween(datasetVersion, next.version)
  if (step === 'major' || parseVersion(datasetVersion)[0] === 0) return
  const { gone, added } = await changesSince(previous, next.files, options)
  if (gone.length === 0 && (added.length === 0 || step === 'minor')) return
  if (step === 'patch' && gone.length > 0 && await isRepackaged(previous, next, { gone, added }, options)) return
  const lost = await withoutGrown(previous, next, gone, options)
  if (lost.length === 0 && step === 'minor') return
  const required = lost.length > 0 ? 'major' : 'minor'
  const [example = ''] = lost.length > 0 ? lost : added
  const what = lost.length > 0
    ? `${lost.length} files of ${datasetVersion} were changed or removed, such as ${quote(example)}`
    : `${added.length} files are new or have more rows, such as ${quote(example)}`
  throw new VersionRuleError(
    `${what}: that is a ${required.toUpperCase()} version, after ${datasetVersion} it is ${after(datasetVersion, required)}, and not ${next.version}`,
    { required, version: next.version, previous: datasetVersion, gone: lost.slice(0, 100), added: added.slice(0, 100) })
}

/** Which number is the first that differs. */
export function stepBetween (before: string, after: string): VersionStep {
  const [left, right] = [parseVersion(before), parseVersion(after)]
  if (left[0] !== right[0]) return 'major'
  return left[1] === right[1] ? 'patch' : 'minor'
}

/** The version that comes next by this step. */
export function after (version: string, step: VersionStep): string {
  const [major, minor, patch] = parseVersion(version)
  if (step === 'major') return `${major + 1}.0.0`
  return step === 'minor' ? `${major}.${minor + 1}.0` : `${major}.${minor}.${patch + 1}`
}

interface Changes {
  /** Files of the version before whose content is nowhere in the next one. */
  gone: EarlierFile[]
  /** Files whose content was nowhere in the version before. */
  added: string[]
}

async function changesSince (previous: DatasetBundle, files: ImportedFiles, options: AbortOptions): Promise<Changes> {
  const [now, before] = [new BlockSet(), new BlockSet()]
  for (const { cid } of files) now.add(blockOf(cid))
  const gone: EarlierFile[] = []
  for await (const { path, type, cid, size } of previous.files('data', options)) {
    if (type !== 'file') continue
    before.add(blockOf(cid))
    if (!now.has(blockOf(cid))) gone.push({ path, size })
  }
  const added: string[] = []
  for (const { cid, path } of files) if (!before.has(blockOf(cid))) added.push(path)
  return { gone, added }
}

/** Paths of those that are not there as they were: of the others only more rows have come. */
async function withoutGrown (
  previous: DatasetBundle, { files, content }: NewVersion, gone: readonly EarlierFile[], options: AbortOptions
): Promise<string[]> {
  const paths = new Set(gone.map(({ path }) => path))
  const now = new Map<string, ImportedFile>()
  for (const file of files) if (paths.has(file.path)) now.set(file.path, file)
  const lost: string[] = []
  for (const earlier of gone) {
    const file = now.get(earlier.path)
    if (file === undefined || !await hasGrown(previous, earlier, { file, content }, options)) lost.push(earlier.path)
  }
  return lost
}

async function isRepackaged (
  previous: DatasetBundle, { tables }: NewVersion, { gone, added }: Changes, options: AbortOptions
): Promise<boolean> {
  const before = await readTables(previous, options)
  const [left, right] = [summary(before, gone.map(({ path }) => path)), summary(tables, added)]
  return left !== undefined && left === right
}

/** Columns and rows of these files together; undefined when one of them is no table of which both are known. */
function summary (tables: ReadonlyMap<string, CroissantTable>, paths: readonly string[]): string | undefined {
  let rows = 0
  const fields = new Set<string>()
  for (const path of paths) {
    const table = tables.get(path)
    if (table?.rows === undefined) return undefined
    rows += table.rows
    fields.add(JSON.stringify([...table.fields.keys()].sort()))
  }
  return JSON.stringify([rows, [...fields].sort()])
}
