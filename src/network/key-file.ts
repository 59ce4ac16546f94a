/**
 * The key that a node made for itself, at `<home>/<address>/key`: 64 lower-case hexadecimal digits and a line feed. The
 * directory has mode 0700 and the file 0600.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { IdentityMismatchError, InvalidKeyError, StorageError } from '../errors.ts'
import { addressOf } from '../format/address.ts'
import { isAddress, toHex } from '../format/hex.ts'
import { parsePrivateKey } from './parse-private-key.ts'
import type { Address } from '../interface/primitives.ts'

/** A key file, and the address that its directory is named after. */
export interface KeyFile {
  path: string
  address: Address
}

const fileName = 'key'
const keyFileBytesMax = 256
const permissionsOfOthers = 0o077

/**
 * Lists the key files below `home`, in the order of their addresses. A `home` that does not exist has none.
 *
 * @throws {@link StorageError} when the file system refuses
 */
export async function findKeyFiles (home: string): Promise<KeyFile[]> {
  const names: unknown[] = await readdir(home).catch((error: unknown) => absent(error, home, []))
  const files: KeyFile[] = []
  for (const address of names.filter(isAddress).sort()) {
    const path = join(home, address, fileName)
    const found = await stat(path).catch((error: unknown) => absent(error, path, undefined))
    if (found !== undefined) {
      files.push({ path, address })
    }
  }
  return files
}

/**
 * Reads a key that only its owner can read or write.
 *
 * @throws {@link InvalidKeyError} when others can, or when it holds no key
 * @throws {@link IdentityMismatchError} when the key is another address's than its directory is named after
 * @throws {@link StorageError} when the file system refuses
 */
export async function readKeyFile ({ path, address }: KeyFile): Promise<Uint8Array> {
  const privateKey = parsePrivateKey(await readPrivately(path), `The key in ${path}`)
  const actual = addressOf(secp256k1.getPublicKey(privateKey))
  if (actual !== address) {
    throw new IdentityMismatchError(
      `The key in ${path} belongs to ${actual}, and its directory to ${address}: put the right key back, or rename the directory`,
      { path, expected: address, actual })
  }
  return privateKey
}

/**
 * Keeps a key, on disk when this resolves.
 *
 * @throws {@link StorageError} when the file system refuses
 */
export async function writeKeyFile (home: string, privateKey: Uint8Array): Promise<KeyFile> {
  const address = addressOf(secp256k1.getPublicKey(privateKey))
  const directory = join(home, address)
  const path = join(directory, fileName)
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`
  try {
    await makeDirectories(directory, 0o700)
    try {
      await writeDurably(temporary, `${toHex(privateKey).slice(2)}\n`)
      await rename(temporary, path)
    } finally {
      await rm(temporary, { force: true })
    }
    await syncDirectory(directory)
    await syncDirectory(home)
  } catch (cause) {
    throw storageError('write', path, cause)
  }
  return { path, address }
}

/**
 * Not with `recursive`, which never ends where nothing can be made although the directory above is there, as in /proc, and
 * calls a read-only file system a missing directory.
 */
async function makeDirectories (path: string, mode?: number): Promise<void> {
  if (await isDirectory(path)) return
  if (dirname(path) !== path) await makeDirectories(dirname(path))
  await mkdir(path, { mode }).catch(async (error: unknown) => {
    if (!await isDirectory(path)) throw error
  })
}

async function isDirectory (path: string): Promise<boolean> {
  return await stat(path).then(found => found.isDirectory(), () => false)
}

async function readPrivately (path: string): Promise<string> {
  const file = await open(path, 'r').catch((cause: unknown) => { throw storageError('read', path, cause) })
  try {
    const { mode } = await file.stat()
    if (process.platform !== 'win32' && (mode & permissionsOfOthers) !== 0) {
      throw new InvalidKeyError(
        `The key in ${path} can be read or written by others (mode ${(mode & 0o777).toString(8)}): ` +
        'run chmod 600 on it, and think about a new key',
        { path })
    }
    const { buffer, bytesRead } = await file.read(Buffer.alloc(keyFileBytesMax), 0, keyFileBytesMax, 0)
    return buffer.toString('latin1', 0, bytesRead).trim()
  } catch (cause) {
    throw cause instanceof InvalidKeyError ? cause : storageError('read', path, cause)
  } finally {
    await file.close()
  }
}

async function writeDurably (path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Windows cannot open a directory, and needs no fsync of one. */
async function syncDirectory (path: string): Promise<void> {
  if (process.platform === 'win32') {
    return
  }
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function absent<T> (error: unknown, path: string, otherwise: T): T {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) {
    return otherwise
  }
  throw storageError('read', path, error)
}

function storageError (verb: string, path: string, cause: unknown): StorageError {
  return new StorageError(`Cannot ${verb} ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { path, cause })
}
