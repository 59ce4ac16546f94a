import { describe, expect, it } from 'vitest'
import { checkConfirm, checkRouters } from '../../src/bundle/confirm-options.ts'
import { PeerUnreachableError } from '../../src/errors.ts'
import { timerMsMax } from '../../src/limits.ts'
import type { Network } from '../../src/interface/network.ts'

const withRouters = (count: number): Pick<Network, 'routerPeers'> => ({
  routerPeers: () => Array.from({ length: count }, (_, i) => ({ name: `${i}`, find: () => undefined, connect: async () => Promise.reject(new PeerUnreachableError('gone')) }))
})

describe('checkConfirm', () => {
  it.each([{}, { confirm: 1 }, { confirm: 2, reveal: 'now' as const }, { reveal: 'later' as const }, { confirmTimeoutMs: 1 }, { confirmTimeoutMs: timerMsMax }])(
    'takes %j of a node with two routers', options => {
      expect(() => { checkConfirm(options, withRouters(2)) }).not.toThrow()
    })

  it.each([0, 3, -1, 1.5, NaN, '1', null])('refuses %j of two routers', confirm => {
    expect(() => { checkConfirm({ confirm: confirm as number }, withRouters(2)) }).toThrow(
      expect.objectContaining({ name: 'InvalidArgumentError', message: expect.stringContaining('confirm must be a whole number from 1 to 2') as string }))
  })

  it.each([0, timerMsMax + 1, Infinity, '5', null])('refuses %j as the time that it may take', confirmTimeoutMs => {
    expect(() => { checkConfirm({ confirmTimeoutMs: confirmTimeoutMs as number }, withRouters(2)) }).toThrow('confirmTimeoutMs must be')
  })

  it('refuses to confirm what is not revealed yet', () => {
    expect(() => { checkConfirm({ confirm: 1, reveal: 'later' }, withRouters(1)) }).toThrow(
      "confirm can be together with reveal: 'now' only, because nobody may fetch the result before: give it to reveal() then")
  })
})

describe('checkRouters', () => {
  it('says that there is no router where that is so', () => {
    expect(() => { checkRouters(1, 'routers', withRouters(0)) }).toThrow('routers is about the routers of this node, and it has none: name them to createDataNode')
  })

  it('wants a number', () => {
    expect(() => { checkRouters(undefined, 'routers', withRouters(1)) }).toThrow('routers must be a whole number from 1 to 1, and is undefined')
  })
})
