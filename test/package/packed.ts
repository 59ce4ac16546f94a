import { execFile } from 'node:child_process'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** What a host gets when it installs the packed library. */
export interface Installed {
  /** Packages below `node_modules`, this library included. */
  packages: string[]
  bytes: number
}

/** Packs the library as it would be published. */
export async function pack (into: string): Promise<{ tarball: string, files: string[] }> {
  const { stdout } = await npm(root, ['pack', '--json', '--ignore-scripts', '--pack-destination', into])
  const [packed] = Object.values(JSON.parse(stdout) as Record<string, { filename: string, files: { path: string }[] }>)
  if (packed === undefined) throw new Error(`npm pack said ${stdout}`)
  return { tarball: join(into, packed.filename), files: packed.files.map(({ path }) => path).sort() }
}

/** Installs a tarball into an empty folder, with its dependencies and nothing else. */
export async function install (tarball: string, folder: string): Promise<Installed> {
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'host', private: true, type: 'module' }))
  await npm(folder, ['install', '--omit=dev', '--no-audit', '--no-fund', '--loglevel=error', tarball])
  const packages = await packagesBelow(join(folder, 'node_modules'))
  return { packages: packages.sort(), bytes: await bytesBelow(join(folder, 'node_modules')) }
}

/** Names of the packages below a `node_modules` folder, nested ones with their path. */
async function packagesBelow (folder: string): Promise<string[]> {
  const manifests = (await readdir(folder, { recursive: true })).filter(path => path.endsWith('package.json'))
  const named = await Promise.all(manifests.map(async path => {
    const isPackage = /(^|node_modules\/)(@[^/]+\/)?[^/]+\/package\.json$/.test(path.replaceAll('\\', '/'))
    const { version } = JSON.parse(await readFile(join(folder, path), 'utf8')) as { version?: string }
    return isPackage && version !== undefined ? [path.replace(/[\\/]package\.json$/, '')] : []
  }))
  return named.flat()
}

/** Bytes of all files below a folder; links are not followed. */
async function bytesBelow (folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const sizes = await Promise.all(entries.filter(entry => entry.isFile())
    .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Without the variables by which an outer `npm run` names this project; where the machine's settings are stays said. */
async function npm (cwd: string, args: string[]): Promise<{ stdout: string }> {
  const kept = /^(?!npm_)|^npm_config_(registry|cache|cafile|userconfig|globalconfig)$/i
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.test(name)))
  return run('npm', args, { cwd, env, maxBuffer: 64 * 1024 * 1024 })
}
