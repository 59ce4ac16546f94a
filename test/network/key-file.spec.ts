import { chmod, mkdir, readFile, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { privateKeyToAddress } from 'viem/accounts'
import { toHex } from 'viem'
import { IdentityMismatchError, InvalidKeyError, StorageError } from '../../src/errors.ts'
import { findKeyFiles, readKeyFile, writeKeyFile } from '../../src/network/key-file.ts'
import { temporaryDirectory } from '../store/fixtures.ts'
import { keyOf } from './support.ts'

async function newHome (): Promise<string> {
  return join(await temporaryDirectory(), 'a', 'b')
}

describe('key file', () => {
  it('is written for its owner alone, in a directory named after the address', async () => {
    const home = await newHome()
    const file = await writeKeyFile(home, keyOf(7))
    const address = privateKeyToAddress(toHex(keyOf(7))).toLowerCase()
    expect(file).toEqual({ path: join(home, address, 'key'), address })
    expect(await readFile(file.path, 'utf8')).toBe(`${'00'.repeat(31)}07\n`)
    expect((await stat(file.path)).mode & 0o777).toBe(0o600)
    expect((await stat(dirname(file.path))).mode & 0o777).toBe(0o700)
    expect(await readdir(dirname(file.path))).toEqual(['key'])
  })

  it('is found, and read back', async () => {
    const home = await newHome()
    expect(await findKeyFiles(home)).toEqual([])
    const written = await writeKeyFile(home, keyOf(7))
    await mkdir(join(home, `0x${'11'.repeat(20)}`))
    await mkdir(join(home, 'other'))
    await writeFile(join(home, 'other', 'key'), 'x')
    expect(await findKeyFiles(home)).toEqual([written])
    expect(await readKeyFile(written)).toEqual(keyOf(7))
  })

  it.each([0o640, 0o620, 0o604, 0o602, 0o700 | 0o010])('is refused with mode %o', async (mode) => {
    const file = await writeKeyFile(await newHome(), keyOf(7))
    await chmod(file.path, mode)
    const refused = readKeyFile(file)
    await expect(refused).rejects.toThrow(InvalidKeyError)
    await expect(refused).rejects.toThrow(file.path)
    await expect(refused).rejects.toThrow('chmod 600')
  })

  it('is accepted when its owner may only read it', async () => {
    const file = await writeKeyFile(await newHome(), keyOf(7))
    await chmod(file.path, 0o400)
    expect(await readKeyFile(file)).toEqual(keyOf(7))
  })

  it('is refused in the directory of another address', async () => {
    const home = await newHome()
    const { path } = await writeKeyFile(home, keyOf(7))
    const address = `0x${'22'.repeat(20)}` as const
    await rename(dirname(path), join(home, address))
    await expect(readKeyFile({ path: join(home, address, 'key'), address })).rejects.toThrow(IdentityMismatchError)
  })

  it.each(['', 'not a key', `${'1'.repeat(64)} and more`, 'x'.repeat(10_000)])('is refused when it holds %j', async (text) => {
    const file = await writeKeyFile(await newHome(), keyOf(7))
    await writeFile(file.path, text)
    const error: unknown = await readKeyFile(file).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(InvalidKeyError)
    expect(text !== '' && String(error).includes(text)).toBe(false)
  })

  it('names the path that the file system refuses', async () => {
    const home = await newHome()
    await mkdir(dirname(home), { recursive: true })
    await writeFile(home, 'a file')
    await expect(writeKeyFile(home, keyOf(7))).rejects.toThrow(StorageError)
    await expect(writeKeyFile(home, keyOf(7))).rejects.toThrow(home)
    await expect(readKeyFile({ path: join(home, 'key'), address: `0x${'22'.repeat(20)}` })).rejects.toThrow(StorageError)
  })

  it.runIf(process.platform === 'linux')('is refused where no directory can be made, and comes to an end', async () => {
    await expect(writeKeyFile('/proc/x/y', keyOf(7))).rejects.toThrow(StorageError)
    await expect(writeKeyFile('/proc', keyOf(7))).rejects.toThrow(StorageError)
  })
})
