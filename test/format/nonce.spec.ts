import { createHmac, hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, InvalidKeyError, InvalidReferenceError } from '../../src/errors.ts'
import { cidOf } from '../../src/format/digest.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { deriveNonce, resultNonceLabel, resultNonceMessage, taskNonceLabel, taskNonceMessage } from '../../src/format/nonce.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import type { NetworkSession, TaskReference } from '../../src/interface/task.ts'
import { hexOf, task } from './arbitraries.ts'
import { at, readVectors } from './vectors.ts'

const vectors = readVectors('nonce') as {
  privateKey: Hex
  results: { task: TaskReference, answers: string, content: string, message: Hex, nonce: Hex }[]
  tasks: { session: NetworkSession, content: string, message: Hex, nonce: Hex }[]
  other: { label: string, message: Hex, nonce: Hex }[]
}

const key = fromHex(vectors.privateKey)

describe('deriveNonce', () => {
  it.each(vectors.other)('derives the nonce of label $label', ({ label, message, nonce }) => {
    expect(toHex(deriveNonce(key, label, fromHex(message)))).toBe(nonce)
  })

  it('agrees with the crypto of Node.js', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.string({ unit: 'grapheme' }), fc.uint8Array(), (ikm, label, message) => {
      const hmacKey = Buffer.from(hkdfSync('sha256', ikm, '', label, 32))
      expect(toHex(deriveNonce(ikm, label, message))).toBe(`0x${createHmac('sha256', hmacKey).update(message).digest('hex')}`)
    }))
  })

  it('refuses a key of 31 and of 33 bytes', () => {
    expect(() => deriveNonce(new Uint8Array(31), '', key)).toThrow(InvalidKeyError)
    expect(() => deriveNonce(new Uint8Array(33), '', key)).toThrow(InvalidKeyError)
  })
})

describe('resultNonceMessage', () => {
  it.each(vectors.results)('is what the nonce of a result of $task.taskId is derived from', ({ task, answers, content, message, nonce }) => {
    const bytes = resultNonceMessage(task, CID.parse(answers), CID.parse(content))
    expect(toHex(bytes)).toBe(message)
    expect(bytes).toHaveLength(96)
    expect(toHex(deriveNonce(key, resultNonceLabel, bytes))).toBe(nonce)
  })

  it('differs when the task, the answered root or the content does', () => {
    fc.assert(fc.property(fc.tuple(task, hexOf(32), hexOf(32)), fc.tuple(task, hexOf(32), hexOf(32)), (one, other) => {
      const message = ([reference, answers, content]: typeof one): string =>
        toHex(resultNonceMessage(reference, cidOf(answers), cidOf(content)))
      expect(message(one) === message(other)).toBe(JSON.stringify(one) === JSON.stringify(other))
    }))
  })

  it('refuses a CID that is not of a root', () => {
    const { task, content } = at(vectors.results, 0)
    expect(() => resultNonceMessage(task, CID.parse('bafkqaaa'), CID.parse(content))).toThrow(InvalidReferenceError)
  })
})

describe('taskNonceMessage', () => {
  it.each(vectors.tasks)('is what the nonce of a task of session $session.sessionId is derived from', ({ session, content, message, nonce }) => {
    const bytes = taskNonceMessage(session, CID.parse(content))
    expect(toHex(bytes)).toBe(message)
    expect(bytes).toHaveLength(128)
    expect(toHex(deriveNonce(key, taskNonceLabel, bytes))).toBe(nonce)
  })

  it.each([{ queue: '0x00' }, { queue: `0x${'AB'.repeat(20)}` }, { chainId: '01' }, { sessionId: '-1' }])('refuses %o', (change) => {
    const { session, content } = at(vectors.tasks, 0)
    expect(() => taskNonceMessage({ ...session, ...change } as NetworkSession, CID.parse(content))).toThrow(InvalidArgumentError)
  })
})
