import { secp256k1 } from '@noble/curves/secp256k1.js'
import { InvalidKeyError, KeyMissingError } from '../errors.ts'
import { findKeyFiles, readKeyFile, writeKeyFile } from './key-file.ts'
import { parsePrivateKey } from './parse-private-key.ts'

/** Where a node's key may come from. */
export interface PrivateKeyInit {
  /** 64 hexadecimal digits, with or without `0x`; or `'generate'`. */
  privateKey: string | undefined
  /** Directory for repositories, or `':memory:'`. */
  home: string
}

/**
 * Finds the key of a node: the one that was given, or with `'generate'` the one that is kept below `home`, or a new one.
 * With home `':memory:'` a generated key is new each time and kept nowhere.
 *
 * @throws {@link KeyMissingError} when there is none
 * @throws {@link InvalidKeyError} when it is not one, when its file can be read by others, or when `home` keeps several
 * @throws {@link IdentityMismatchError} when a kept key is not the one that its directory is named after
 * @throws {@link StorageError} when the file system refuses
 */
export async function resolvePrivateKey ({ privateKey, home }: PrivateKeyInit): Promise<Uint8Array> {
  const text: unknown = privateKey
  if (text !== undefined && typeof text !== 'string') {
    throw new InvalidKeyError(`The private key is a ${typeof text}, and must be a string of 64 hexadecimal digits`)
  }
  const trimmed = text?.trim() ?? ''
  if (trimmed === '') {
    throw new KeyMissingError(
      "No private key: set NODE_PRIVATE_KEY and pass it as privateKey, or pass 'generate' to make one and keep it")
  }
  if (trimmed !== 'generate') {
    return parsePrivateKey(trimmed, 'The private key')
  }
  return home === ':memory:' ? secp256k1.utils.randomSecretKey() : await keptOrNew(home)
}

async function keptOrNew (home: string): Promise<Uint8Array> {
  const [first, ...others] = await findKeyFiles(home)
  if (first === undefined) {
    const privateKey = secp256k1.utils.randomSecretKey()
    await writeKeyFile(home, privateKey)
    return privateKey
  }
  if (others.length > 0) {
    throw new InvalidKeyError(
      `${home} keeps the keys of ${others.length + 1} nodes: pass the one that is meant as privateKey`,
      { addresses: [first, ...others].map(({ address }) => address) })
  }
  return await readKeyFile(first)
}
