import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** A package whose code is inside the bundle. */
export interface ThirdParty {
  name: string
  version: string
  /** SPDX expression. */
  license: string
  /** Who holds the copyright, as far as `package.json` says. */
  author: string
  homepage: string | undefined
  /** From the root of the project, with `/`. */
  directory: string
  /** SHA-512 of the tarball in hexadecimal, as the lockfile has it. */
  sha512: string | undefined
  /** Licence and notice files, as they are; empty when the package ships none. */
  texts: string[]
}

interface PackageJson {
  name?: string
  version?: string
  license?: string | { type: string }
  licenses?: { type: string }[]
  author?: string | { name: string }
  contributors?: (string | { name: string })[]
  homepage?: string
}

interface Lockfile {
  packages: Record<string, { integrity?: string }>
}

const licenseFile = /^(licen[cs]e|copying|notice)([.-].*)?$/i

/** Finds the packages that modules belong to, each once, by name and version. */
export function thirdPartyOf (root: string, modules: Iterable<string>): ThirdParty[] {
  const directories = new Set<string>()
  for (const id of modules) {
    const path = id.replace(/^\0/, '').replace(/\?.*$/, '')
    if (path.includes('/node_modules/')) directories.add(packageDirectory(dirname(path)))
  }
  const integrity = readIntegrity(root)
  const found = [...directories].map(directory => describe(root, directory, integrity))
  return [...new Map(found.map(thirdParty => [`${thirdParty.name}@${thirdParty.version}`, thirdParty])).values()].sort(byNameAndVersion)
}

function packageDirectory (directory: string): string {
  for (let at = directory; at !== dirname(at); at = dirname(at)) {
    const file = join(at, 'package.json')
    if (existsSync(file) && readPackage(file).version !== undefined) return at
  }
  throw new Error(`no package.json with a version above ${directory}`)
}

function readPackage (file: string): PackageJson {
  return JSON.parse(readFileSync(file, 'utf8')) as PackageJson
}

function readIntegrity (root: string): Map<string, string> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as Lockfile
  return new Map(Object.entries(packages).flatMap(([path, { integrity }]) => integrity === undefined ? [] : [[path, integrity]]))
}

function describe (root: string, directory: string, integrity: Map<string, string>): ThirdParty {
  const file = join(directory, 'package.json')
  const json = readPackage(file)
  const license = licenseOf(json)
  if (json.name === undefined || json.version === undefined) throw new Error(`${file} has no name or no version`)
  if (license === undefined) throw new Error(`${json.name} says nothing about its licence`)
  const path = relative(root, directory).replaceAll('\\', '/')
  return {
    name: json.name,
    version: json.version,
    license,
    author: authorOf(json),
    homepage: json.homepage,
    directory: path,
    sha512: sha512Of(integrity.get(path)),
    texts: readdirSync(directory).filter(name => licenseFile.test(name)).sort()
      .map(name => readFileSync(join(directory, name), 'utf8').replaceAll('\r\n', '\n').trim())
  }
}

function licenseOf ({ license, licenses }: PackageJson): string | undefined {
  if (typeof license === 'string') return license
  return license?.type ?? (licenses && licenses.length > 0 ? licenses.map(({ type }) => type).join(' OR ') : undefined)
}

function authorOf ({ name, author, contributors }: PackageJson): string {
  const first = author ?? contributors?.[0]
  const text = typeof first === 'string' ? first : first?.name
  const holder = text?.replace(/\s*[<(].*$/, '')
  return holder === undefined || holder === '' ? `the authors of ${String(name)}` : holder
}

function sha512Of (integrity: string | undefined): string | undefined {
  const base64 = integrity?.split(' ').find(hash => hash.startsWith('sha512-'))?.slice('sha512-'.length)
  return base64 && Buffer.from(base64, 'base64').toString('hex')
}

function byNameAndVersion (a: ThirdParty, b: ThirdParty): number {
  const [left, right] = [`${a.name}@${a.version}`, `${b.name}@${b.version}`]
  return left < right ? -1 : left > right ? 1 : 0
}
