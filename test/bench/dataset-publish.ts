/**
 * Publishes one directory as a dataset in a process of its own, and prints what it took:
 * `node dataset-publish.ts HOME DIRECTORY`. What is loaded late is loaded before, by a small dataset.
 */
import { createDataNode } from '../../src/index.ts'
import { forgetPeak, memoryOf } from './memory.ts'
import { timed } from './store-work.ts'

/** What the process prints. */
export interface Published {
  ms: number
  peakOverBaseMiB: number
}

const [home = '', directory = ''] = process.argv.slice(2)
const node = await createDataNode({ home, privateKey: 'generate', storage: { quota: '1TiB', keepFree: 0 } })
const warm = await node.datasets.publish({ name: 'warm', version: '1.0.0', files: [{ name: 'a', text: 'a' }] })
await warm.close()
globalThis.gc?.()
await forgetPeak(process.pid)
const { nowMiB } = await memoryOf(process.pid)
const ms = await timed(async () => {
  const bundle = await node.datasets.publish({ name: 'measured', version: '1.0.0', directory })
  await bundle.close()
})
const { peakMiB } = await memoryOf(process.pid)
await node.stop()
const published: Published = { ms, peakOverBaseMiB: peakMiB - nowMiB }
console.log(JSON.stringify(published))
