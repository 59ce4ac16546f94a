import { EntryPaths } from '../../src/bundle/entry-paths.ts'
import { DirectoryImport } from '../../src/bundle/import.ts'
import { openSources } from '../../src/bundle/source.ts'
import { FakeStore } from './fake-store.ts'
import { caseDirectories, caseFiles, generateBytes } from './unixfs-cases.ts'
import type { SourceEntry } from '../../src/bundle/source-entry.ts'
import type { FileSource } from '../../src/interface/source.ts'
import type { CaseFile, UnixfsCase } from './unixfs-cases.ts'

const mib = 1024 * 1024

/** The sources as what is imported. */
export async function entriesOf (sources: FileSource[], store: FakeStore): Promise<SourceEntry[]> {
  return [...await openSources(sources, { blocks: store, paths: new EntryPaths(20_000) })]
}

/** The content of a file of a case. Large ones are zeros, and never in memory as a whole. */
export function sourceOf ({ path, size, seed }: CaseFile): FileSource {
  if (size <= 64 * mib) return { name: path, bytes: generateBytes(seed, size) }
  const zeros = new Uint8Array(mib)
  return { name: path, stream: (async function * () { for (let at = 0; at < size; at += mib) yield zeros.subarray(0, size - at) })() }
}

/** Imports all that a case has, and gives its root. */
export async function importCase (unixfs: UnixfsCase): Promise<string> {
  const store = new FakeStore()
  const directory = new DirectoryImport(store.stage())
  const directories = [...caseDirectories(unixfs)].map((path): SourceEntry => ({ type: 'directory', path }))
  await directory.add([...await entriesOf([...caseFiles(unixfs)].map(sourceOf), store), ...directories])
  return (await directory.root()).toString()
}
