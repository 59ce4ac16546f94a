import { describe, expect, it } from 'vitest'
import { checkNewVersion, VersionClaims } from '../../src/dataset/check-new-version.ts'
import { root } from '../audit/fixtures.ts'
import { knownVersion } from './fixtures.ts'

const first = await knownVersion('one', '1.0.0')
const second = await knownVersion('two', '1.1.0', first.cid)
const init = (version: string) => ({ name: 'qa', version })

describe('checkNewVersion', () => {
  it('takes the first version, the next one, and one that is there already', () => {
    checkNewVersion(init('1.0.0'), [], { root: root('new'), previous: undefined })
    checkNewVersion(init('1.2.0'), [first, second], { root: root('new'), previous: second.cid })
    checkNewVersion(init('1.1.0'), [first, second], { root: second.cid, previous: first.cid })
  })

  it.each([
    ['another content under a number that is taken', '1.1.0', first.cid, 'is published as'],
    ['a second successor', '1.2.0', first.cid, 'which 1.1.0 follows already'],
    ['a second first version', '3.0.0', undefined, 'names no previous version']
  ])('refuses %s, and names the last version', (_, version, previous, message) => {
    const refused = (): void => { checkNewVersion(init(version), [first, second], { root: root('new'), previous }) }
    expect(refused).toThrow(expect.objectContaining({ name: 'VersionTakenError' }))
    expect(refused).toThrow(message)
    expect(refused).toThrow(second.cid.toString())
  })

  it('heeds no version that the publisher did not sign', () => {
    checkNewVersion(init('1.0.0'), [{ ...first, signed: undefined }], { root: root('new'), previous: undefined })
  })
})

describe('VersionClaims', () => {
  const of = first.manifest
  const at = (version: string, previous?: string) => ({ version, previous: previous === undefined ? undefined : root(previous) })

  it('lets one root be a version, until that was not published after all', () => {
    const claims = new VersionClaims()
    const claim = claims.claim(of, at('1.0.0'), root('a'))
    const same = claims.claim(of, at('1.0.0'), root('a'))
    expect(() => claims.claim(of, at('1.0.0', 'x'), root('b'))).toThrow('a version is published once')
    claim[Symbol.dispose]()
    expect(() => claims.claim(of, at('1.0.0', 'x'), root('b'))).toThrow(expect.objectContaining({ name: 'VersionTakenError' }))
    same[Symbol.dispose]()
    claims.claim(of, at('1.0.0', 'x'), root('b'))
  })

  it('lets one root follow another', () => {
    const claims = new VersionClaims()
    claims.claim(of, at('1.1.0', 'a'), root('b'))
    expect(() => claims.claim(of, at('1.2.0', 'a'), root('c'))).toThrow(expect.objectContaining({ name: 'VersionTakenError' }))
    claims.claim(of, at('1.2.0', 'b'), root('c'))
    claims.claim({ ...of, name: 'other' }, at('1.2.0', 'a'), root('d'))
  })
})
