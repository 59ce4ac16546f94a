/** Computes `test/vectors/unixfs.json` with Kubo: `node test/interop/unixfs-table.ts`. */
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { caseDirectories, caseFiles, generateBytes, generatorDescription, unixfsCases } from '../bundle/unixfs-cases.ts'
import { kuboVersion, offlineKubo } from './kubo-binary.ts'
import type { UnixfsCase, UnixfsTable, UnixfsVector } from '../bundle/unixfs-cases.ts'
import type { OfflineKubo } from './kubo-binary.ts'

const pieceBytes = 64 * 1024 * 1024

await using kubo = await offlineKubo()
const version = (await kubo.kubo('version', '--number')).toString().trim()
if (version !== kuboVersion) throw new Error(`The table is computed with Kubo ${kuboVersion}, and this is ${version}`)
const table: UnixfsTable = {
  description: 'CIDs of files and directories, computed with Kubo: `ipfs add --recursive --hidden` under the import profile below.',
  kubo: version,
  profile: 'unixfs-v1-2025',
  generator: generatorDescription,
  cases: []
}
for (const unixfs of unixfsCases()) table.cases.push(await compute(kubo, unixfs))
await writeFile(join(import.meta.dirname, '..', 'vectors', 'unixfs.json'), `${JSON.stringify(table, undefined, 2)}\n`)

async function compute ({ kubo }: OfflineKubo, unixfs: UnixfsCase): Promise<UnixfsVector> {
  const directory = await mkdtemp(join(tmpdir(), 'datanode-table-'))
  try {
    await writeCase(directory, unixfs)
    const added = (await kubo('add', '--recursive', '--hidden', '--quiet', '--pin=false', directory)).toString().trim()
    const cid = added.slice(added.lastIndexOf('\n') + 1)
    const entries: Record<string, string> = {}
    for (const path of namedPaths(unixfs)) entries[path] = (await kubo('resolve', `/ipfs/${cid}/${path}`)).toString().trim().slice('/ipfs/'.length)
    return { ...unixfs, cid, entries }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function writeCase (directory: string, unixfs: UnixfsCase): Promise<void> {
  for (const path of caseDirectories(unixfs)) await mkdir(join(directory, path), { recursive: true })
  for (const { path, size, seed } of caseFiles(unixfs)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await using file = await open(join(directory, path), 'wx')
    if (seed === 0) await file.truncate(size)
    else for (let at = 0; at < size; at += pieceBytes) await file.write(generateBytes(seed, size).subarray(at, at + pieceBytes))
  }
}

/** Every path that the case names itself, and the directories above. */
function namedPaths ({ files, directories, series }: UnixfsCase): string[] {
  const paths = new Set<string>()
  for (const path of [...files.map(file => file.path), ...directories, ...series.map(({ prefix }) => dirname(prefix))]) {
    for (let at = path; at !== '.'; at = dirname(at)) paths.add(at)
  }
  return [...paths].sort()
}
