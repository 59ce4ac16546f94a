import { readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { generatePrivateKey } from 'viem/accounts'
import { IdentityMismatchError, InvalidKeyError, KeyMissingError } from '../../src/errors.ts'
import { findKeyFiles, writeKeyFile } from '../../src/network/key-file.ts'
import { resolvePrivateKey } from '../../src/network/private-key.ts'
import { temporaryDirectory } from '../store/fixtures.ts'
import { keyOf } from './support.ts'

const hex = '00'.repeat(31) + '01'

async function newHome (): Promise<string> {
  return await temporaryDirectory()
}

describe('resolvePrivateKey', () => {
  it.each([hex, `0x${hex}`, ` ${hex}\n`, `0x${hex.toUpperCase()}`])('reads %j', async (privateKey) => {
    expect(await resolvePrivateKey({ privateKey, home: '/nowhere' })).toEqual(keyOf(1))
  })

  it('reads a key that viem made', async () => {
    const key = generatePrivateKey()
    expect(Buffer.from(await resolvePrivateKey({ privateKey: key, home: '/nowhere' })).toString('hex')).toBe(key.slice(2))
  })

  it.each([undefined, '', '  \n'])('names the variable and the way out when the key is %j', async (privateKey) => {
    const missing = resolvePrivateKey({ privateKey, home: '/nowhere' })
    await expect(missing).rejects.toThrow(KeyMissingError)
    await expect(missing).rejects.toThrow(/NODE_PRIVATE_KEY.*'generate'/)
  })

  it('refuses a key that is not a string', async () => {
    await expect(resolvePrivateKey({ privateKey: 5 as unknown as string, home: '/nowhere' })).rejects.toThrow(InvalidKeyError)
  })

  it('keeps a generated key below home and finds it again', async () => {
    const home = await newHome()
    const made = await resolvePrivateKey({ privateKey: 'generate', home })
    const [file] = await findKeyFiles(home)
    expect(await resolvePrivateKey({ privateKey: 'generate', home })).toEqual(made)
    expect(await readdir(home)).toEqual([file?.address])
  })

  it('makes another key each time in memory', async () => {
    const init = { privateKey: 'generate', home: ':memory:' }
    expect(await resolvePrivateKey(init)).not.toEqual(await resolvePrivateKey(init))
  })

  it('does not choose between several kept keys', async () => {
    const home = await newHome()
    const files = [await writeKeyFile(home, keyOf(1)), await writeKeyFile(home, keyOf(2))]
    const refused = resolvePrivateKey({ privateKey: 'generate', home })
    await expect(refused).rejects.toThrow(InvalidKeyError)
    await expect(refused).rejects.toThrow('keys of 2 nodes')
    await expect(refused).rejects.toMatchObject({ details: { addresses: files.map(({ address }) => address).sort() } })
  })

  it('refuses a kept key in the directory of another address', async () => {
    const home = await newHome()
    const { path } = await writeKeyFile(home, keyOf(1))
    await rename(join(path, '..'), join(home, `0x${'ab'.repeat(20)}`))
    await expect(resolvePrivateKey({ privateKey: 'generate', home })).rejects.toThrow(IdentityMismatchError)
  })
})
