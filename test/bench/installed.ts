import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { install, pack } from '../package/packed.ts'

/** What has to be on disk before the first line runs. */
export interface Footprint {
  packages: number
  installMB: number
}

interface Manifest {
  dependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
  peerDependenciesMeta?: Record<string, { optional?: boolean }>
}

const megabyte = 1_000_000

/** Installs the packed library into an empty folder, and counts. */
export async function footprintOfTarball (): Promise<Footprint> {
  const folder = await mkdtemp(join(tmpdir(), 'datanode-bench-'))
  try {
    const host = join(folder, 'host')
    await mkdir(host)
    const { tarball } = await pack(folder)
    const { packages, bytes } = await install(tarball, host)
    return { packages: packages.length, installMB: bytes / megabyte }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Counts packages with all that they need, as they are installed in this project. */
export async function footprintOfPackages (root: string, names: readonly string[]): Promise<Footprint> {
  const found = new Set<string>()
  const queue = names.map(name => ({ name, from: root }))
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const folder = findPackage(next.name, next.from)
    if (folder === undefined || found.has(folder)) continue
    found.add(folder)
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest
    queue.push(...needed(manifest).map(name => ({ name, from: folder })))
  }
  const sizes = await Promise.all([...found].map(ownBytes))
  return { packages: found.size, installMB: sizes.reduce((sum, size) => sum + size, 0) / megabyte }
}

export async function footprintOfBinary (path: string): Promise<Footprint> {
  return { packages: 1, installMB: (await stat(path)).size / megabyte }
}

function needed ({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }: Manifest): string[] {
  const peers = Object.keys(peerDependencies ?? {}).filter(name => peerDependenciesMeta?.[name]?.optional !== true)
  return [...Object.keys(dependencies ?? {}), ...Object.keys(optionalDependencies ?? {}), ...peers]
}

function findPackage (name: string, from: string): string | undefined {
  for (let at = from; at !== dirname(at); at = dirname(at)) {
    const folder = join(at, 'node_modules', name)
    if (existsSync(join(folder, 'package.json'))) return folder
  }
  return undefined
}

/** Bytes of a package without the packages nested in it. */
async function ownBytes (folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const own = entries.filter(entry => entry.isFile() && !entry.parentPath.slice(folder.length).split(/[\\/]/).includes('node_modules'))
  const sizes = await Promise.all(own.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}
