import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { createDataNode } from '../src/index.ts'
import type { DataNode, DataNodeInit } from '../src/interface/data-node.ts'

/** A piece of a key in every form in which it could be printed, without spaces: each is long enough not to be there by chance. */
function formsOf (key: Uint8Array): string[] {
  const buffer = Buffer.from(key.subarray(4, 20))
  const hex = buffer.toString('hex')
  return [
    hex, hex.toUpperCase(), [...buffer].join(','), [...buffer].map((byte, at) => `"${at + 4}":${byte}`).join(','),
    BigInt(`0x${Buffer.from(key).toString('hex')}`).toString(),
    Buffer.from(key.subarray(3, 21)).toString('base64'), Buffer.from(key.subarray(3, 21)).toString('base64url')
  ]
}

/** Does any of these texts show a piece of the key? */
function shows (texts: readonly string[], key: Uint8Array): boolean {
  const all = texts.join('\n').replace(/\s/g, '')
  return formsOf(key).some(form => all.includes(form))
}

const everything = { depth: Infinity, showHidden: true, getters: true, maxArrayLength: Infinity, maxStringLength: Infinity, compact: false } as const

/** What a host may write somewhere of a node, of what it gives, and of how it fails. */
async function printed (node: DataNode): Promise<string[]> {
  const failures = await Promise.allSettled([
    node.fetchTaskBundle('urn:blob:v2:ipfs:bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354', { providers: ['/ip4/127.0.0.1/tcp/1'] }),
    node.open('not a reference'),
    node.publishTaskBundle({ session: { chainId: '1', queue: '0x0' as const, sessionId: '1' }, prompt: '' }, { readers: 'anyone' })
  ])
  expect(failures.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
  return [node, node.health(), ...failures].flatMap(value => [inspect(value, everything), jsonOf(value)])
}

function jsonOf (value: unknown): string {
  const seen = new WeakSet()
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return part.toString()
    if (typeof part !== 'object' || part === null) return part
    if (seen.has(part)) return undefined
    seen.add(part)
    return part
  })
}

async function start (init: Partial<DataNodeInit>): Promise<{ node: DataNode, lines: string[] }> {
  const lines: string[] = []
  const node = await createDataNode({ home: ':memory:', privateKey: 'generate', logger: (line) => { lines.push(line) }, ...init })
  onTestFinished(() => node.stop())
  return { node, lines }
}

it('never shows the keys of a node in what it logs, throws, or is printed as', async () => {
  const [privateKey, networkKey] = [randomBytes(32), randomBytes(32)]
  privateKey[0] = 1
  const { node: router } = await start({ listen: ['/ip4/127.0.0.1/tcp/0'], networkKey })
  const { node, lines } = await start({ privateKey: privateKey.toString('hex'), networkKey, listen: ['/ip4/127.0.0.1/tcp/0'], routers: router.multiaddrs })
  await node.ready()
  const published = await node.datasets.publish({ name: 'x', version: '1.0.0', files: [{ name: 'x', text: 'x' }] })
  const texts = [...lines, ...await printed(node), inspect(published, everything), jsonOf(published)]
  expect([shows(texts, privateKey), shows(texts, networkKey)]).toEqual([false, false])
})

it.each<[string, (key: Buffer) => string]>([
  ['a Buffer', key => inspect({ key }, everything)],
  ['a Uint8Array', key => inspect({ key: Uint8Array.from(key) }, everything)],
  ['JSON', key => jsonOf({ key: Uint8Array.from(key) })],
  ['a number', key => inspect({ key: BigInt(`0x${key.toString('hex')}`) }, everything)],
  ['hexadecimal digits', key => `the key ${key.toString('hex')} is wrong`],
  ['base64', key => `the key ${key.toString('base64')} is wrong`]
])('would be seen if it were shown as %s', (_, print) => {
  const key = randomBytes(33)
  expect(shows(['something', print(key)], key)).toBe(true)
  expect(shows([print(key)], randomBytes(33))).toBe(false)
})

it('never shows a key that is none in the error that says so', async () => {
  const key = randomBytes(33)
  for (const given of [{ privateKey: key.toString('hex') }, { networkKey: key }, { networkKey: key.toString('hex') }]) {
    const error: unknown = await start(given).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ name: 'InvalidKeyError' })
    expect(shows([inspect(error, everything), jsonOf(error)], key)).toBe(false)
  }
})

it.each(['640', '604', '660', '666'])('refuses to start with a key file of mode %s, which others can read or write', async (mode) => {
  const home = await mkdtemp(join(tmpdir(), 'datanode-key-'))
  onTestFinished(async () => { await rm(home, { recursive: true }) })
  const { node } = await start({ home })
  await node.stop()
  const [address = ''] = await readdir(home)
  await chmod(join(home, address, 'key'), mode)
  await expect(start({ home })).rejects.toMatchObject({ name: 'InvalidKeyError' })
  await chmod(join(home, address, 'key'), 0o600)
  expect((await start({ home })).node.address).toBe(address)
})
