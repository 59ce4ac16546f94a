import { formatDatasetName } from '../format/dataset-name.ts'
import { Mirror, mirrorOwner } from './mirror.ts'
import type { DatasetComponents } from './dataset-components.ts'
import type { DatasetName } from './known-versions.ts'
import type { MirrorComponents } from './mirror.ts'
import type { DatasetMirror, MirrorOptions } from '../interface/dataset-mirror.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/** What starting a mirror needs. */
export type StartMirrorComponents = Pick<DatasetComponents, 'log' | 'release' | 'run' | 'store' | 'versions'> &
  Pick<MirrorComponents, 'fetch' | 'history'>

/** Starts to mirror a dataset; resolves when the versions that there are now are held. */
export async function startMirror (
  components: StartMirrorComponents, { publisher, name }: DatasetName, options: MirrorOptions
): Promise<DatasetMirror> {
  const { fetch, history, log, release, run, store, versions } = components
  const held = async (options: AbortOptions): Promise<string[]> => {
    const known = await versions.list({ publisher, name }, options)
    return known.flatMap(({ cid }) =>
      store.record(cid)?.holds.some(({ owner }) => owner === mirrorOwner) === true ? [cid.toString()] : [])
  }
  const mirror = new Mirror(formatDatasetName({ publisher, name }), {
    history, fetch, held, log,
    release: async ref => await release(ref, { owner: mirrorOwner }),
    run: async (options, call) => await run(options, call)
  }, options)
  return await mirror.start({ signal: options.signal })
}
