import { rootText } from './paths.ts'
import type { RecordFile } from './record-file.ts'
import { indexBundles } from './reindex.ts'
import type { StoreParts } from './store-parts.ts'

/** Puts a listed bundle into the index again, from its files. False when that was done before, or it is not listed. */
export async function reindexBundle (parts: StoreParts, root: string): Promise<boolean> {
  return parts.roots.run(root, async () => {
    const { records, reindexed } = parts
    const record = records.get(root)
    if (record === undefined || reindexed.has(root)) return false
    reindexed.add(root)
    await reindexRecord(parts, record)
    return true
  })
}

/** The same for whoever works on the bundle alone. */
export async function reindexRecord (parts: StoreParts, record: RecordFile): Promise<void> {
  const { blocks, damage, index, log, records } = parts
  const root = rootText(record.bundle.root)
  log(`the index does not know all blocks of bundle ${root}; they are indexed again`)
  await indexBundles(parts, [record])
  records.announce(root)
  await index.doubt()
  await index.recount()
  for (const key of damage.ofRoot(root)) {
    const block = damage.get(key)
    if (block !== undefined) await blocks.examine(block.cid).catch(() => { /* It is damaged, and stays so. */ })
  }
}

/** True when the index has every block of a listed bundle, wherever it is. */
export async function isIndexed ({ index, records }: Pick<StoreParts, 'index' | 'records'>, root: string): Promise<boolean> {
  if (await index.countOf(root) !== records.get(root)?.bundle.blocks) return false
  for await (const part of index.blocksOf(root)) {
    const homes = await index.find(part.map(({ key }) => key))
    if (homes.includes(undefined)) return false
  }
  return true
}
