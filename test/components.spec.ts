import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildComponents, stopComponents } from '../src/components.ts'
import type { AddressInfo } from 'node:net'

const privateKey = '11'.repeat(32)

describe('buildComponents', () => {
  let home: string

  beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'components-')) })
  afterEach(async () => { await rm(home, { recursive: true }) })

  it('puts the repository below home, under the address of the key', async () => {
    const components = await buildComponents({ home, privateKey })
    expect(components.store.path).toBe(join(home, components.identity.address))
    await stopComponents(components)
  })

  it.each([
    ['init', undefined], ['init', null], ['home', { home: 10n }], ['home', { home: 'a\0b' }], ['logger', { logger: 5 }], ['routers', { routers: 'x' }],
    ['routers[0]', { routers: [null] }], ['announce', { announce: 5 }], ['announce[1]', { announce: ['/ip4/127.0.0.1/tcp/1', 5] }],
    ['storage', { storage: null }], ['storage.quota', { storage: { quota: '1 MiB' } }], ['storage.keepFree', { storage: { keepFree: -1 } }],
    ['storage.durability', { storage: { durability: 'none' } }], ['storage.retentionMs', { storage: { retentionMs: 5 } }],
    ['storage.retentionMs["task"]', { storage: { retentionMs: { task: -1 } } }], ['listen', { listen: '9100' }], ['listen', { listen: null }],
    ['peers', { peers: null }], ['peers.allow[0]', { peers: { allow: ['x'] } }], ['limits', { limits: null }], ['limits.answers', { limits: { answers: 0 } }],
    ['limits', { limits: { connection: 5 } }], ['offers', { offers: null }], ['offers.from', { offers: { from: 'anyone' } }], ['offers.bytesMax', { offers: { bytesMax: 0 } }],
    ['anchor', { anchor: null }], ['anchor.id', { anchor: {} }], ['anchorIntervalMs', { anchorIntervalMs: 5 }]
  ])('names %s when it is %o', async (name, init: unknown) => {
    const given = typeof init === 'object' && init !== null ? { home, privateKey, ...init } : init
    await expect(buildComponents(given as never)).rejects.toMatchObject({
      name: 'InvalidArgumentError', message: expect.stringContaining(`${name} must be `) as string
    })
  })

  it('refuses a network key that is none, before it listens', async () => {
    await expect(buildComponents({ home, privateKey, networkKey: 'secret' })).rejects.toMatchObject({ name: 'InvalidKeyError' })
  })

  it('works on when the logger fails', async () => {
    const components = await buildComponents({ home, privateKey, logger: () => { throw new Error('disk full') } })
    components.log('a line')
    await stopComponents(components)
  })

  it.each([undefined, '', 7])('refuses %j as home', async bad => {
    await expect(buildComponents({ home: bad as string, privateKey })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })

  it('frees the repository when the network cannot be started', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise(resolve => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    await expect(buildComponents({ home, privateKey, listen: [`/ip4/127.0.0.1/tcp/${port}`] })).rejects.toMatchObject({ name: 'ListenError' })
    await expect(buildComponents({ home, privateKey, routers: ['nonsense'] })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    server.close()
    await stopComponents(await buildComponents({ home, privateKey }))
  })

  it('says that home is a file', async () => {
    const file = join(home, 'file')
    await writeFile(file, '')
    await expect(buildComponents({ home: file, privateKey })).rejects.toMatchObject({ name: 'StorageError' })
  })

  it('hands the lines of all parts to the logger', async () => {
    const lines: string[] = []
    const components = await buildComponents({ home, privateKey, logger: line => lines.push(line), routers: ['/ip4/127.0.0.1/tcp/1'] })
    await expect(components.network.routerPeers()[0]?.connect()).rejects.toMatchObject({ name: 'PeerUnreachableError' })
    await stopComponents(components)
    expect(lines.join('\n')).toContain('/ip4/127.0.0.1/tcp/1')
    expect(lines.join('\n')).not.toContain('\n\n')
  })
})
