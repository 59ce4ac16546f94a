import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import protobufjs from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { InvalidMessageError } from '../../src/errors.ts'
import { cidOf } from '../../src/format/digest.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { dagProtocol, decodeAnswer, decodeRequest, encodeDataHead, encodeEnd, encodeHeader, encodeRequest } from '../../src/format/messages.ts'
import { concat } from '../../src/format/protobuf.ts'
import { readFieldVarint } from '../../src/format/varint.ts'
import { cidBytesMax, dagDepthMax, delegationBytesMax, delegationsMax, linksMax, statementBytesMax, statementsMax } from '../../src/limits.ts'
import { hexOf, mutations } from './arbitraries.ts'
import { again, mutate, readVectors } from './vectors.ts'
import type { DagHeader, DagRequest, DagStatus } from '../../src/format/messages.ts'
import type { Hex } from '../../src/interface/primitives.ts'

const vectors = readVectors('messages') as {
  requests: { name: string, bytes: Hex, request: Omit<DagRequest, 'root' | 'delegation'> & { root: string, delegation?: Hex } }[]
  headers: { name: string, bytes: Hex, header: Omit<DagHeader, 'statements' | 'delegations'> & { statements: Hex[], delegations?: Hex[] } }[]
  data: { name: string, bytes: Hex, data: Hex }[]
  ends: { name: string, bytes: Hex, status: DagStatus }[]
}

/** Another implementation, from the same definition. */
const definition = protobufjs.parse(readFileSync(new URL('../../src/format/messages.proto', import.meta.url), 'utf8'), { keepCase: true })
  .root.resolveAll()
const [Request, Answer] = ['Request', 'Answer'].map(name => definition.lookupType(`cortensor.dag.v1.${name}`)) as
  [protobufjs.Type, protobufjs.Type]
const modes = ['all', 'inner', 'block', 'leaves'] as const
const statuses = ['unknown', 'ok', 'embargoed', 'not-available', 'busy', 'bad-request'] as const

const position = fc.array(fc.nat(linksMax), { maxLength: dagDepthMax })
const request: fc.Arbitrary<DagRequest> = fc.record({
  root: hexOf(32).map(cidOf),
  mode: fc.constantFrom(...modes),
  from: position,
  to: position.map(to => to.length === 0 ? undefined : to),
  since: position,
  enoughBytes: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  delegation: fc.uint8Array({ maxLength: delegationBytesMax })
}, { requiredKeys: ['root', 'mode', 'from', 'to', 'since'] })
const header: fc.Arbitrary<DagHeader> = fc.record({
  status: fc.constantFrom(...statuses),
  size: fc.maxSafeNat(),
  access: fc.constantFrom('anyone', 'restricted'),
  statements: fc.array(fc.uint8Array({ maxLength: statementBytesMax }), { maxLength: statementsMax }),
  delegations: fc.array(fc.uint8Array({ maxLength: delegationBytesMax }), { minLength: 1, maxLength: delegationsMax }),
  retryAfterMs: fc.nat()
}, { requiredKeys: ['status', 'access', 'statements'] })

/** Takes the length off, and checks it. */
function bodyOf (message: Uint8Array): Uint8Array {
  const { value, next } = readFieldVarint(message, 0)
  expect(message.length - next).toBe(value)
  return message.subarray(next)
}

function encoded (type: protobufjs.Type, message: Record<string, unknown>): Uint8Array {
  return type.encode(type.create(message)).finish()
}

describe('Request', () => {
  it('goes by the name of its protocol', () => {
    expect(dagProtocol).toBe('/cortensor/dag/1')
  })

  it.each(vectors.requests)('has the bytes of the test vector: $name', ({ bytes, request: { root, delegation, ...rest } }) => {
    const shown = delegation === undefined ? {} : { delegation: fromHex(delegation) }
    const expected: DagRequest = { ...rest, to: rest.to ?? undefined, root: CID.parse(root), ...shown }
    expect(toHex(encodeRequest(expected))).toBe(bytes)
    expect(decodeRequest(bodyOf(fromHex(bytes)))).toEqual(expected)
  })

  it('comes back as it was written', () => {
    fc.assert(fc.property(request, (value) => {
      expect(decodeRequest(bodyOf(encodeRequest(value)))).toEqual(value)
    }))
  })

  it('is read by protobufjs', () => {
    fc.assert(fc.property(request, (value) => {
      const { root, mode, from, to, since, enoughBytes = 0, delegation = [] } = value
      const bytes = bodyOf(encodeRequest(value))
      const read = Request.toObject(Request.decode(bytes), { defaults: true, bytes: Array, longs: Number })
      expect(read).toEqual({ root: [...root.bytes], mode: modes.indexOf(mode), from, to: to ?? [], since, enoughBytes, delegation: [...delegation] })
    }))
  })

  it('is read as protobufjs writes it', () => {
    fc.assert(fc.property(request, (value) => {
      const bytes = encoded(Request, { ...value, root: value.root.bytes, mode: modes.indexOf(value.mode), to: value.to ?? [] })
      expect(decodeRequest(bytes)).toEqual(value)
    }))
  })

  it('takes positions that are not packed, and fields that are not known', () => {
    const { bytes } = cidOf(`0x${'11'.repeat(32)}`)
    const message = protobufjs.Writer.create().uint32(10).bytes(bytes).uint32(24).uint32(4).uint32(24).uint32(300).uint32(802).string('x').finish()
    expect(decodeRequest(message)).toMatchObject({ from: [4, 300], mode: 'all' })
  })

  it.each([
    ['no root', {}],
    ['a root that is no CID', { root: Uint8Array.of(1, 2, 3) }],
    ['a root with bytes after it', { root: new Uint8Array([...cidOf(`0x${'11'.repeat(32)}`).bytes, 0]) }],
    ['a root in another form than its shortest', { root: Uint8Array.of(0, 0x70, 0x12, 32, ...new Uint8Array(32)) }],
    ['a root that is too large', { root: Uint8Array.from([1, 0x55, 0, cidBytesMax, ...new Uint8Array(cidBytesMax)]) }],
    ['a mode that is not known', { mode: 4 }],
    ['a position that is too deep', { from: new Array(dagDepthMax + 1).fill(0) }],
    ['an index that is too large', { to: [linksMax + 1] }],
    ['a start that is too deep', { since: new Array(dagDepthMax + 1).fill(0) }],
    ['a delegation that is too large', { delegation: new Uint8Array(delegationBytesMax + 1) }]
  ])('is refused with %s', (what, fields) => {
    const { bytes } = cidOf(`0x${'11'.repeat(32)}`)
    const message = encoded(Request, what === 'no root' ? fields : { root: bytes, ...fields })
    expect(() => decodeRequest(message)).toThrow(InvalidMessageError)
  })

  it('takes a position as deep, and an index as large, as allowed', () => {
    const from = new Array<number>(dagDepthMax).fill(linksMax)
    expect(decodeRequest(encoded(Request, { root: cidOf(`0x${'11'.repeat(32)}`).bytes, from })).from).toEqual(from)
  })

  it('is read the same again, or refused, when it is damaged', () => {
    fc.assert(fc.property(request, mutations, (value, changes) => {
      const damaged = mutate(bodyOf(encodeRequest(value)), changes)
      const once = again(damaged, decodeRequest, read => bodyOf(encodeRequest(read)))
      if (once !== undefined) expect(again(once, decodeRequest, read => bodyOf(encodeRequest(read)))).toEqual(once)
    }), { numRuns: 1000 })
  })
})

describe('Header', () => {
  it.each(vectors.headers)('has the bytes of the test vector: $name', ({ bytes, header: { statements, delegations, ...rest } }) => {
    const decoded: DagHeader = {
      ...rest,
      statements: statements.map(statement => fromHex(statement)),
      ...delegations === undefined ? {} : { delegations: delegations.map(delegation => fromHex(delegation)) }
    }
    expect(decodeAnswer(bodyOf(fromHex(bytes)))).toEqual({ type: 'header', header: decoded })
    const { access, ...refusal } = decoded
    expect(toHex(encodeHeader(rest.status === 'ok' ? { ...refusal, ...(access && { access }) } : refusal))).toBe(bytes)
  })

  it('comes back as it was written', () => {
    fc.assert(fc.property(header, (value) => {
      expect(decodeAnswer(bodyOf(encodeHeader(value)))).toEqual({ type: 'header', header: value })
    }))
  })

  it('is read by protobufjs', () => {
    fc.assert(fc.property(header, (value) => {
      const read = Answer.toObject(Answer.decode(bodyOf(encodeHeader(value))), { longs: Number, bytes: Array, oneofs: true })
      expect(read).toMatchObject({
        message: 'header',
        header: {
          ...(value.status === 'unknown' ? {} : { status: statuses.indexOf(value.status) }),
          ...(value.size === undefined ? {} : { size: value.size }),
          access: value.access === 'anyone' ? 1 : 2,
          ...(value.statements?.length ? { statements: value.statements.map(statement => [...statement]) } : {}),
          ...(value.delegations === undefined ? {} : { delegations: value.delegations.map(delegation => [...delegation]) })
        }
      })
    }))
  })

  it('is a refusal when its status is absent or not known, and restricted when its access is', () => {
    for (const fields of [{}, { status: 6 }, { status: -1, access: 9 }, { access: -1 }]) {
      expect(decodeAnswer(encoded(Answer, { header: fields }))).toEqual({ type: 'header', header: { status: 'unknown', access: 'restricted', statements: [] } })
    }
  })

  it('holds as many statements, and as large ones, as allowed', () => {
    const statement = new Uint8Array(statementBytesMax)
    const decode = (statements: Uint8Array[]): unknown => decodeAnswer(encoded(Answer, { header: { status: 1, statements } }))
    expect(decode(new Array<Uint8Array>(statementsMax).fill(statement))).toMatchObject({ type: 'header' })
    expect(() => decode(new Array<Uint8Array>(statementsMax + 1).fill(statement))).toThrow(InvalidMessageError)
    expect(() => decode([new Uint8Array(statementBytesMax + 1)])).toThrow(InvalidMessageError)
  })

  it('takes as many delegations, and as large ones, as allowed', () => {
    const delegation = new Uint8Array(delegationBytesMax)
    const decode = (delegations: Uint8Array[]): unknown => decodeAnswer(encoded(Answer, { header: { status: 1, delegations } }))
    expect(decode(new Array<Uint8Array>(delegationsMax).fill(delegation))).toMatchObject({ type: 'header' })
    expect(() => decode(new Array<Uint8Array>(delegationsMax + 1).fill(delegation))).toThrow(InvalidMessageError)
    expect(() => decode([new Uint8Array(delegationBytesMax + 1)])).toThrow(InvalidMessageError)
  })

  it('is refused with a size above 2^53', () => {
    const message = protobufjs.Writer.create().uint32(10).fork().uint32(16).uint64(2 ** 53).ldelim().finish()
    expect(() => decodeAnswer(message)).toThrow(InvalidMessageError)
  })
})

describe('data and End', () => {
  it.each(vectors.data)('have the bytes of the test vector: $name', ({ bytes, data }) => {
    expect(toHex(concat([encodeDataHead(fromHex(data).length), fromHex(data)]))).toBe(bytes)
    expect(decodeAnswer(bodyOf(fromHex(bytes)))).toEqual({ type: 'data', bytes: fromHex(data) })
  })

  it.each(vectors.ends)('have the bytes of the test vector: end with $name', ({ bytes, status }) => {
    expect(toHex(encodeEnd(status))).toBe(bytes)
    expect(decodeAnswer(bodyOf(fromHex(bytes)))).toEqual({ type: 'end', status })
  })

  it('are read by protobufjs', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 1000 }), (data) => {
      const message = concat([encodeDataHead(data.length), data])
      expect(Answer.toObject(Answer.decode(bodyOf(message)), { bytes: Array })).toEqual({ data: [...data] })
    }))
    expect(Answer.toObject(Answer.decode(bodyOf(encodeEnd('busy'))))).toEqual({ end: { status: 4 } })
  })

  it('are a refusal when the status of the end is absent or not known', () => {
    expect(decodeAnswer(encoded(Answer, { end: {} }))).toEqual({ type: 'end', status: 'unknown' })
    expect(decodeAnswer(encoded(Answer, { end: { status: 77 } }))).toEqual({ type: 'end', status: 'unknown' })
  })

  it('are passed over when nothing in them is known', () => {
    expect(decodeAnswer(new Uint8Array())).toBeUndefined()
    expect(decodeAnswer(protobufjs.Writer.create().uint32(34).string('later').uint32(8).uint32(1).finish())).toBeUndefined()
  })

  it('are refused when there are two in one message', () => {
    const message = concat([encoded(Answer, { end: { status: 1 } }), encoded(Answer, { data: Uint8Array.of(1) })])
    expect(() => decodeAnswer(message)).toThrow(InvalidMessageError)
  })
})
