import { expect, it } from 'vitest'
import { InvalidMessageError, LimitExceededError, PeerUnreachableError } from '../../src/errors.ts'
import { receiveRequest } from '../../src/transfer/receive-request.ts'

const given = (bytes: Uint8Array): { receive: () => Promise<Uint8Array> } => ({ receive: async () => bytes })
const failing = (error: Error): { receive: () => Promise<Uint8Array> } => ({ receive: async () => await Promise.reject(error) })

it('gives what was asked', async () => {
  expect(await receiveRequest(given(Uint8Array.of(1, 2)), bytes => bytes.length)).toBe(2)
})

it('gives nothing of what is malformed or too large, and throws when the stream fails', async () => {
  const refuse = (): number => { throw new InvalidMessageError('no request') }
  expect(await receiveRequest(given(Uint8Array.of(1)), refuse)).toBeUndefined()
  expect(await receiveRequest(failing(new LimitExceededError('too large', {})), refuse)).toBeUndefined()
  await expect(receiveRequest(failing(new PeerUnreachableError('gone')), refuse)).rejects.toThrow(PeerUnreachableError)
})
