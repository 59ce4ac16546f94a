import { BundleHandle } from './bundle-handle.ts'
import { storedHome } from './bundle-home.ts'
import { DatasetHandle } from './dataset-handle.ts'
import { readManifest } from './read-manifest.ts'
import { openResult } from './result.ts'
import { openTask } from './task.ts'
import { openRoot } from './tree.ts'
import type { BundleHome } from './bundle-home.ts'
import type { KeptBundle } from './kept-bundle.ts'
import type { HandleComponents, HandleInit, OpeningOptions } from './bundle-handle.ts'
import type { Bundle } from '../interface/bundle.ts'
import type { DatasetManifest, Manifest, ResultManifest, TaskManifest } from '../interface/manifest.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { StoredBundle } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/**
 * Opens a handle on a stored bundle: for a task, result or dataset with what these have beside a {@link Bundle}.
 *
 * @throws {@link FileNotFoundError}, {@link InvalidManifestError} when a task or result is without the files of its kind
 */
export async function openHandle (
  components: HandleComponents, stored: StoredBundle, { signal, checked }: AbortOptions & Pick<KeptBundle, 'checked'> = {}
): Promise<Bundle> {
  const home = storedHome(components, stored)
  const options = { signal, reader: checked?.before(home.reader) }
  const init = await readHandle(components, home, stored.root, options)
  try {
    switch (init.manifest?.kind) {
      case 'task': return await openTask(withManifest(init, init.manifest as TaskManifest), options)
      case 'result': return await openResult(withManifest(init, init.manifest as ResultManifest), options)
      default: return plainHandle(init)
    }
  } catch (error) {
    await init.home.close()
    throw error
  }
}

/** Reads what every handle is made of: the root and the manifest. When it rejects, the home is closed. */
export async function readHandle (
  components: HandleComponents, home: BundleHome, cid: CID, options: OpeningOptions = {}
): Promise<HandleInit> {
  const { reader = home.reader } = options
  try {
    const root = await openRoot(reader, { cid }, options)
    const manifest = root.type === 'directory' ? await readManifest(reader, root, options) : undefined
    return { components, home, cid, root, manifest }
  } catch (error) {
    await home.close()
    throw error
  }
}

/** Makes a handle of which nothing but root and manifest is read. */
export function plainHandle (init: HandleInit): Bundle {
  return init.manifest?.kind === 'dataset'
    ? new DatasetHandle(withManifest(init, init.manifest as DatasetManifest))
    : new BundleHandle(init)
}

function withManifest<M extends Manifest> (init: HandleInit, manifest: M): HandleInit<M> {
  return { ...init, manifest }
}
