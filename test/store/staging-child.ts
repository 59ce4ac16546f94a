/**
 * Puts so many small blocks in a process of its own, and prints how many bytes of garbage each of them leaves where V8 looks
 * rarely: what is there only goes with a look through all of the heap. `node --expose-gc staging-child.ts BLOCKS`.
 */
import { setImmediate } from 'node:timers/promises'
import { getHeapSpaceStatistics } from 'node:v8'
import { openStore } from '../../src/store/store.ts'
import { address, raw } from './dags.ts'

const count = Number(process.argv[2])
const atOnce = 4
const longLived = new Set(['old_space', 'large_object_space'])

function usedBytes (): number {
  return getHeapSpaceStatistics().reduce((sum, { space_name: name, space_used_size: bytes }) => longLived.has(name) ? sum + bytes : sum, 0)
}

const store = await openStore({ path: ':memory:', address, storage: { keepFree: 0 } })
const staging = store.stage()
let next = 0
async function putBlocks (): Promise<void> {
  while (next < count) {
    const { cid, bytes } = raw(String(next++), 2048)
    await staging.put(cid, bytes)
    await setImmediate()
  }
}
await Promise.all(Array.from({ length: atOnce }, putBlocks))
await setImmediate()
const before = usedBytes()
globalThis.gc?.()
console.log(Math.round((before - usedBytes()) / count))
await staging.discard()
await store.close()
