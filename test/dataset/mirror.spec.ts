import { describe, expect, it } from 'vitest'
import { checkMirrorOptions, Mirror } from '../../src/dataset/mirror.ts'
import { StoppedError, UnavailableError } from '../../src/errors.ts'
import { datasetVersionsMax } from '../../src/limits.ts'
import type { MirrorComponents } from '../../src/dataset/mirror.ts'
import type { DatasetBundle, Readers } from '../../src/interface/bundle.ts'
import type { DatasetVersion } from '../../src/interface/dataset-version.ts'
import type { MirrorOptions } from '../../src/interface/dataset-mirror.ts'

const version = (n: number): DatasetVersion => ({ version: `1.${n}.0`, cid: `cid ${n}` })

function mirroring (options: MirrorOptions = {}) {
  const state = {
    there: [version(1), version(0)], held: new Set<string>(), readers: [] as Readers[], lines: [] as string[],
    failure: undefined as Error | undefined,
    stopped: new AbortController()
  }
  const components: MirrorComponents = {
    history: async function * () {
      if (state.failure !== undefined) throw state.failure
      yield * await Promise.resolve(state.there)
    },
    fetch: async ref => {
      state.held.add(String(ref))
      return await Promise.resolve({
        setReaders: async (readers: Readers) => { await Promise.resolve(state.readers.push(readers)) }, close: async () => await Promise.resolve()
      } as unknown as DatasetBundle)
    },
    release: async ref => await Promise.resolve(state.held.delete(String(ref))),
    held: async () => await Promise.resolve([...state.held]),
    run: async ({ signal }, call) => await call({ signal: AbortSignal.any([state.stopped.signal, ...signal === undefined ? [] : [signal]]) }),
    log: line => { state.lines.push(line) }
  }
  return { state, mirror: new Mirror('0x/qa', components, { intervalMs: 1, ...options }) }
}

describe('Mirror', () => {
  it('holds what is there, tells of each version once, and lets in whom it was told to', async () => {
    const told: string[] = []
    const { state, mirror } = mirroring({ readers: 'anyone', onVersion: ({ version }) => {
      told.push(version)
      throw new Error('the host is broken')
    } })
    expect((await mirror.update()).map(({ version }) => version)).toEqual(['1.1.0', '1.0.0'])
    expect(await mirror.update()).toEqual([])
    expect([told, [...state.held], state.readers, mirror.versions.length]).toEqual([['1.1.0', '1.0.0'], ['cid 1', 'cid 0'], ['anyone', 'anyone'], 2])
  })

  it('lets go of what is no longer among the newest', async () => {
    const { state, mirror } = mirroring({ versions: 1 })
    await mirror.update()
    state.there.unshift(version(2))
    await mirror.update()
    expect([...state.held]).toEqual(['cid 2'])
  })

  it('goes on looking when it could not see, and says why', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const { state, mirror } = mirroring({ onVersion: ({ version }) => { if (version === '1.2.0') resolve(undefined) } })
    await mirror.start({})
    state.failure = new UnavailableError('nobody is there')
    await expect(mirror.update()).rejects.toThrow('nobody is there')
    expect(mirror.problem).toBe(state.failure)
    state.there.unshift(version(2))
    state.failure = undefined
    await promise
    await mirror.stop()
    expect(mirror.problem).toBeUndefined()
  })

  it('does not go on when the first look fails', async () => {
    const { state, mirror } = mirroring()
    state.failure = new UnavailableError('nobody is there')
    await expect(mirror.start({})).rejects.toThrow('nobody is there')
  })

  it('ends with the node', async () => {
    const { state, mirror } = mirroring()
    await mirror.start({})
    state.stopped.abort(new StoppedError('the node was stopped'))
    await mirror.stop()
    await expect(mirror.update()).rejects.toMatchObject({ name: 'StoppedError' })
  })
})

it.each([['all', datasetVersionsMax], ['latest', 1], [7, 7], [undefined, datasetVersionsMax]] as const)('takes %s versions for %i', (versions, count) => {
  expect(checkMirrorOptions(versions === undefined ? {} : { versions })).toBe(count)
})

it.each([{ versions: 0 }, { versions: 'some' }, { versions: 1.5 }, { intervalMs: 0 }, { onVersion: 5 }, { readers: 'some' }])('refuses %j', options => {
  expect(() => checkMirrorOptions(options as never)).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
})
