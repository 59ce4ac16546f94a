import { treeOf } from '../bundle/bundle-handle.ts'
import { exportCar } from '../bundle/export-car.ts'
import type { DatasetBundle, ExportCarOptions } from '../interface/bundle.ts'

/** Writes a version as a CAR, without the blocks of another one; that one is closed at the end. */
export async function * exportVersion (
  bundle: DatasetBundle, since: DatasetBundle | undefined, options: ExportCarOptions
): AsyncGenerator<Uint8Array> {
  try {
    const { reader, signal } = treeOf(bundle, options)
    const other = since === undefined ? undefined : { reader: treeOf(since, options).reader, root: since.cid }
    yield * exportCar(reader, bundle.cid, { ...options, signal, since: other })
  } finally {
    await since?.close()
  }
}
