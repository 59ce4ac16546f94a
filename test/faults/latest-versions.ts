import type { DataNode } from '../../src/interface/data-node.ts'

/** Versions of the datasets that a node has, the first one first. */
export async function latestVersions (node: DataNode): Promise<{ version: string, cid: string }[]> {
  const versions: { version: string, cid: string, minor: number }[] = []
  for await (const { cid } of node.list({ kind: 'dataset' })) {
    const bundle = await node.datasets.fetch(cid)
    const version = bundle.manifest.datasetVersion
    versions.push({ version, cid, minor: Number(version.split('.')[1]) })
    await bundle.close()
  }
  return versions.sort((a, b) => a.minor - b.minor)
}
