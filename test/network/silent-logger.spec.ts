import { describe, expect, it, vi } from 'vitest'
import { silentLogger } from '../../src/network/silent-logger.ts'

describe('silentLogger', () => {
  it('writes nothing, in any scope and at any level', () => {
    const written = [vi.spyOn(process.stderr, 'write'), vi.spyOn(process.stdout, 'write'), vi.spyOn(console, 'error')]
    const scope = silentLogger.forComponent('a').newScope('b').newScope('c')
    scope('message %s', 1)
    scope.error('error %e', new Error('x'))
    scope.trace('trace')
    expect(scope.enabled).toBe(false)
    for (const spy of written) {
      expect(spy).not.toHaveBeenCalled()
      spy.mockRestore()
    }
  })
})
