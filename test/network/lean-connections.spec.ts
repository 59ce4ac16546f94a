import { expect, it } from 'vitest'
import { Uint8ArrayList } from 'uint8arraylist'
import { leanConnections } from '../../src/network/lean-connections.ts'
import type { ConnectionEncrypter, MessageStream } from '@libp2p/interface'

it('gathers the writes of what is secured in either direction, secures it, and reads and decrypts its messages once', async () => {
  const given: unknown[] = []
  const whole = new Uint8Array(20)
  const secure = async (connection: unknown): Promise<never> => {
    given.push(connection)
    const handshake = { decrypt: (message: unknown, into?: unknown) => [message, into] }
    const [decrypt, lengthDecoder] = ['decrypt', 'decoder'].map(name => (): never => { throw new Error(`${name} was not replaced`) })
    return await Promise.resolve({ connection: { handshake, decrypt, decoder: { lengthDecoder } } } as never)
  }
  const encrypter = { protocol: '/test', secureInbound: secure, secureOutbound: secure } as unknown as ConnectionEncrypter
  leanConnections(encrypter)
  for (const direction of ['secureInbound', 'secureOutbound'] as const) {
    const calls: string[] = []
    const note = (name: string) => () => calls.push(name)
    const socket = { cork: note('cork'), write: note('write'), uncork: note('uncork'), writableLength: 0, writableNeedDrain: false }
    const connection: { socket: typeof socket, sendData: (data: Uint8ArrayList) => void } = { socket, sendData: () => {} }
    const secured = await encrypter[direction](connection as unknown as MessageStream)
    expect(given.at(-1)).toBe(connection)
    connection.sendData(new Uint8ArrayList(new Uint8Array(1), new Uint8Array(2)))
    expect(calls).toEqual(['cork', 'write', 'write', 'uncork'])
    const { decrypt, decoder } = secured.connection as unknown as {
      decrypt: (message: unknown) => unknown
      decoder: { lengthDecoder: (bytes: Uint8ArrayList) => number }
    }
    expect(decrypt(whole)).toEqual([whole, undefined])
    expect(decoder.lengthDecoder(new Uint8ArrayList(Uint8Array.of(1, 2)))).toBe(258)
  }
})
