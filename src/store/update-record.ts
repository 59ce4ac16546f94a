import type { CID } from 'multiformats/cid'
import { NotStoredError } from '../errors.ts'
import type { RecordChange, StoredBundle } from '../interface/store.ts'
import { rootText } from './paths.ts'
import { encodeRecord } from './record-file.ts'
import type { RecordFile } from './record-file.ts'
import type { StoreParts } from './store-parts.ts'

/**
 * Changes a record durably: the new one is on the drive under its name before the old one goes.
 *
 * @throws {@link NotStoredError} when the root is not stored
 */
export async function updateRecord (parts: StoreParts, root: CID, change: RecordChange): Promise<StoredBundle> {
  const text = rootText(root)
  return parts.roots.run(text, async () => {
    const before = parts.records.get(text)
    if (before === undefined) throw new NotStoredError(`Bundle ${text} is not in this repository`, { root: text })
    const after: RecordFile = { ...before, bundle: applyChange(before.bundle, change), revision: before.revision + 1 }
    await replaceFile(parts, text, before, after)
    // From here on the change is durable. The index knows which state the totals are of by asking for the record.
    const isIndexed = parts.index.changeRecord(text, encodeRecord(after), after.bundle.held)
    await isIndexed.finally(() => parts.records.set(text, after))
    return after.bundle
  })
}

function applyChange (bundle: StoredBundle, { readers, embargoed, held, statements }: RecordChange): StoredBundle {
  return {
    ...bundle,
    readers: readers ?? bundle.readers,
    embargoed: embargoed ?? bundle.embargoed,
    held: held ?? bundle.held,
    statements: statements ?? bundle.statements
  }
}

async function replaceFile (parts: StoreParts, root: string, before: RecordFile, after: RecordFile): Promise<void> {
  const { bundleFiles, log, running } = parts
  running.assertNotCut()
  await bundleFiles.writeRecord(after)
  await bundleFiles.syncNames()
  await bundleFiles.removeRecord(root, before.revision).catch((error: unknown) => {
    log(`an older record of bundle ${root} stays until the repository is opened again: ${String(error)}`)
  })
}
