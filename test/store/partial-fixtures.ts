import type { FileSystem } from '../../src/store/file-system.ts'
import type { Store } from '../../src/interface/store.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import type { Dag } from './dags.ts'

/** Paths of a repository in memory. */
export const paths: RepositoryPaths = new RepositoryPaths('/')

/** Leaves what an interrupted fetch of these blocks leaves. */
export async function leavePartial (store: Store, { root, blocks }: Dag): Promise<void> {
  await using partial = store.partial(root)
  for (const { cid, bytes } of blocks) await partial.put(cid, bytes)
}

/** Bytes of all blocks. */
export function bytesOf ({ blocks }: Dag): number {
  return blocks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
}

/** Names of all files of bundles, blocks and marks. */
export async function filesOf (fileSystem: FileSystem): Promise<string[]> {
  const shards = (await fileSystem.list(paths.blocks)).map(shard => `${paths.blocks}/${shard}`)
  return (await Promise.all([paths.bundles, paths.partials, paths.temp, ...shards].map(directory => fileSystem.list(directory)))).flat()
}
