import type { CID } from 'multiformats/cid'
import { NotStoredError } from '../errors.ts'
import type { RecordChange, StoredBundle } from '../interface/store.ts'
import { isKept } from './holds.ts'
import { rootText } from './paths.ts'
import { encodeRecord } from './record-file.ts'
import type { RecordFile } from './record-file.ts'
import type { StoreParts } from './store-parts.ts'

/**
 * Changes a record durably: the new one is on the drive under its name before the old one goes. A change that changes nothing
 * writes nothing.
 *
 * @throws {@link NotStoredError} when the root is not stored
 */
export async function updateRecord (parts: StoreParts, root: CID,
  change: RecordChange | ((stored: StoredBundle) => RecordChange)): Promise<StoredBundle> {
  const text = rootText(root)
  return parts.roots.run(text, async () => {
    const before = parts.records.get(text)
    if (before === undefined) throw new NotStoredError(`Bundle ${text} is not in this repository`, { root: text })
    const changes = typeof change === 'function' ? change(before.bundle) : change
    if (Object.keys(changes).length === 0) return before.bundle
    const bundle = { ...before.bundle, ...changes }
    if (changes.readers !== undefined) delete bundle.readersLost
    const after: RecordFile = { ...before, bundle, revision: before.revision + 1 }
    const isOlderGone = await replaceFile(parts, text, before, after)
    if (!isOlderGone) after.stale = [...before.stale ?? [], before.revision]
    // From here on the change is durable, whatever the index says of it.
    parts.records.set(text, after)
    await parts.index.changeRecord(text, encodeRecord(after))
    await parts.index.setKept(text, isKept(after.bundle, parts.index.usage.at))
    return after.bundle
  })
}

/** False when the older record is still there. */
async function replaceFile (parts: StoreParts, root: string, before: RecordFile, after: RecordFile): Promise<boolean> {
  const { bundleFiles, log, running } = parts
  running.assertNotCut()
  await bundleFiles.placeRecord(after)
  await bundleFiles.syncNames()
  try {
    await bundleFiles.removeRecord(root, before.revision)
    return true
  } catch (error) {
    log(`an older record of bundle ${root} stays until the repository is opened again: ${String(error)}`)
    return false
  }
}
