import fc from 'fast-check'
import protobuf from 'protobufjs'
import { CID } from 'multiformats/cid'
import { identity } from 'multiformats/hashes/identity'
import { create } from 'multiformats/hashes/digest'
import { describe, expect, it } from 'vitest'
import { InvalidMessageError } from '../../src/errors.ts'
import {
  blockName, decodePresence, decodeWant, encodeBitswapMessage, isWholeSha256, prefixOf
} from '../../src/format/bitswap-message.ts'
import { concat, encodeBytesField, encodeNumberField } from '../../src/format/protobuf.ts'
import { bitswapMessages, cids } from './arbitraries.ts'
import { leaf, sha256 } from './dags.ts'

/** The messages of the specification, read by an implementation of protobuf that knows nothing of this one. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Message {
    message Wantlist {
      enum WantType { Block = 0; Have = 1; }
      message Entry { bytes block = 1; int32 priority = 2; bool cancel = 3; WantType wantType = 4; bool sendDontHave = 5; }
      repeated Entry entries = 1;
      bool full = 2;
    }
    message Block { bytes prefix = 1; bytes data = 2; }
    enum BlockPresenceType { HaveIt = 0; DontHaveIt = 1; }
    message BlockPresence { bytes cid = 1; BlockPresenceType type = 2; }
    Wantlist wantlist = 1;
    repeated bytes blocks = 2;
    repeated Block payload = 3;
    repeated BlockPresence blockPresences = 4;
    int32 pendingBytes = 5;
  }`)
const Message = root.lookupType('Message')
const plain = (bytes: Uint8Array): unknown => Message.toObject(Message.decodeDelimited(bytes), { bytes: Array, enums: Number })
const array = (bytes: Uint8Array): number[] => [...bytes]

describe('encodeBitswapMessage', () => {
  it('writes what the protobuf of the specification reads', () => {
    fc.assert(fc.property(bitswapMessages, ({ wants, blocks, presences }) => {
      expect(plain(concat(encodeBitswapMessage({ wants, blocks, presences })))).toEqual({
        ...(wants.length === 0
          ? {}
          : {
              wantlist: {
                entries: wants.map(({ cid, kind, sendDontHave }) => ({
                  block: array(cid.bytes),
                  priority: 1,
                  ...(kind === 'cancel' ? { cancel: true } : {}),
                  ...(kind === 'have' ? { wantType: 1 } : {}),
                  ...(sendDontHave ? { sendDontHave } : {})
                }))
              }
            }),
        ...(blocks.length === 0
          ? {}
          : { payload: blocks.map(({ cid, bytes }) => ({ prefix: array(prefixOf(cid)), data: array(bytes) })) }),
        ...(presences.length === 0
          ? {}
          : { blockPresences: presences.map(({ cid, has }) => ({ cid: array(cid.bytes), ...(has ? {} : { type: 1 }) })) })
      })
    }))
  })

  it('copies no block', () => {
    const { cid, bytes } = leaf('block')
    expect(encodeBitswapMessage({ blocks: [{ cid, bytes }] })).toContain(bytes)
  })
})

describe('decodeWant', () => {
  it('takes the fields that are absent for a question for a block, without an answer when it is not there', () => {
    const { cid } = leaf('block')
    expect(decodeWant(concat(encodeBytesField(1, cid.bytes)))).toEqual({ cid, kind: 'block', sendDontHave: false })
  })

  it('passes over a priority below zero, and fields that are not known', () => {
    const { cid } = leaf('block')
    const minusOne = Uint8Array.from([16, ...Array<number>(9).fill(255), 1])
    const entry = concat([...encodeBytesField(1, cid.bytes), minusOne, ...encodeNumberField(9, 7)])
    expect(decodeWant(entry)).toMatchObject({ kind: 'block' })
  })

  it.each([['nothing', new Uint8Array()], ['no CID', concat(encodeBytesField(1, Uint8Array.of(1, 2, 3)))],
    ['a CID and more', concat(encodeBytesField(1, concat([leaf('').cid.bytes, Uint8Array.of(0)])))]])('refuses %s', (_, bytes) => {
    expect(() => decodeWant(bytes)).toThrow(InvalidMessageError)
    expect(() => decodePresence(bytes)).toThrow(InvalidMessageError)
  })
})

describe('blockName', () => {
  it('is the same for two CIDs only if they are equal', () => {
    const nameOf = (cid: CID): string => blockName(prefixOf(cid), cid.multihash.digest)
    fc.assert(fc.property(cids, cids, (one, other) => {
      expect(nameOf(one) === nameOf(other)).toBe(one.equals(other))
      expect(nameOf(CID.decode(one.bytes))).toBe(nameOf(one))
    }))
  })

  it('has the digest of the block behind the prefix', () => {
    const { cid, bytes } = leaf('block')
    expect(blockName(Uint8Array.of(1, 0x55, 0x12, 0x20), sha256(bytes))).toBe(blockName(prefixOf(cid), cid.multihash.digest))
  })
})

describe('isWholeSha256', () => {
  it('takes sha2-256 with all its bytes, and nothing else', () => {
    const { cid, bytes } = leaf('block')
    expect(isWholeSha256(cid)).toBe(true)
    expect(isWholeSha256(CID.createV1(0x55, identity.digest(bytes)))).toBe(false)
    expect(isWholeSha256(CID.createV1(0x55, create(0x12, cid.multihash.digest.subarray(0, 31))))).toBe(false)
    expect(isWholeSha256(CID.createV1(0x55, create(0x1b, cid.multihash.digest)))).toBe(false)
  })
})
