import { randomBytes } from 'node:crypto'
import { IdentityMismatchError, RepositoryVersionError, StorageError } from '../errors.ts'
import type { Address } from '../interface/primitives.ts'
import type { FileSystem } from './file-system.ts'
import type { RepositoryPaths } from './paths.ts'
import { placeFile } from './place-file.ts'

/** Whose a repository is. */
export interface RepositoryIdentity {
  address: Address
  /** 16 random bytes as hexadecimal: another disk is another repository. */
  repositoryId: string
}

/** 1: records say held or not. 2: records have holds. Each reads those before it. */
const currentVersion = 2
const oldestVersion = 1
const textBytesMax = 4096

/**
 * Refuses a repository that a newer release wrote or that belongs to another key. Changes nothing.
 *
 * @throws {@link RepositoryVersionError}, {@link IdentityMismatchError}
 */
export async function checkRepository (fileSystem: FileSystem, paths: RepositoryPaths, address: Address): Promise<void> {
  const version = await readText(fileSystem, paths.version)
  if (version !== undefined) checkVersion(paths.root, version)
  const identity = await readIdentity(fileSystem, paths)
  if (identity !== undefined && identity.address !== address) {
    throw new IdentityMismatchError(
      `The repository ${paths.root} belongs to ${identity.address}, not to ${address}; use that key or another home`,
      { path: paths.root, expected: identity.address, actual: address }
    )
  }
}

/** Makes what is missing of a repository, durably, and says whose it is. */
export async function prepareRepository (fileSystem: FileSystem, paths: RepositoryPaths,
  address: Address): Promise<RepositoryIdentity> {
  for (const directory of [paths.bundles, paths.blocks, paths.temp]) await fileSystem.makeDirectory(directory)
  const found = await readIdentity(fileSystem, paths)
  const identity = found ?? { address, repositoryId: randomBytes(16).toString('hex') }
  const isCurrent = (await readText(fileSystem, paths.version))?.trim() === String(currentVersion)
  if (found !== undefined && isCurrent) return identity
  if (found === undefined) await writeText(fileSystem, paths, paths.identity, `${JSON.stringify(identity)}\n`)
  // What an earlier release wrote is read as it is and written anew when it changes. From here on that release must not open it.
  if (!isCurrent) await writeText(fileSystem, paths, paths.version, `${currentVersion}\n`)
  await fileSystem.syncDirectory(paths.root)
  return identity
}

function checkVersion (root: string, text: string): void {
  const version = /^\d{1,9}\n?$/.test(text) ? Number(text) : undefined
  if (version !== undefined && version >= oldestVersion && version <= currentVersion) return
  const why = version === undefined ? `says ${JSON.stringify(text.slice(0, 40))} as its version`
    : version > currentVersion ? `was written by a newer release (version ${version}; this release reads ${currentVersion})`
      : `has version ${version}, which no release wrote`
  throw new RepositoryVersionError(`The repository ${root} ${why}; update this library or use another home`,
    { path: root, expected: currentVersion, actual: version ?? text.slice(0, 40) })
}

async function readIdentity (fileSystem: FileSystem, paths: RepositoryPaths): Promise<RepositoryIdentity | undefined> {
  const text = await readText(fileSystem, paths.identity)
  if (text === undefined) return undefined
  const identity = parseIdentity(text)
  if (identity === undefined) {
    throw new StorageError(`The file ${paths.identity} does not say whose repository it is; restore it, or use another home`,
      { path: paths.identity, text: text.slice(0, 200) })
  }
  return identity
}

function parseIdentity (text: string): RepositoryIdentity | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (value === null || typeof value !== 'object' || !('address' in value) || !('repositoryId' in value)) return undefined
  const { address, repositoryId } = value
  if (!isAddress(address) || typeof repositoryId !== 'string' || !/^[0-9a-f]{32}$/.test(repositoryId)) return undefined
  return { address, repositoryId }
}

function isAddress (value: unknown): value is Address {
  return typeof value === 'string' && /^0x[0-9a-f]{40}$/.test(value)
}

async function readText (fileSystem: FileSystem, path: string): Promise<string | undefined> {
  const bytes = await fileSystem.readFile(path, { offset: 0, length: textBytesMax })
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
}

function writeText (fileSystem: FileSystem, paths: RepositoryPaths, path: string, text: string): Promise<void> {
  return placeFile(fileSystem, paths, path, [Buffer.from(text)], { sync: true })
}
