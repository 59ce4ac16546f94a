import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { StorageError } from '../../src/errors.ts'
import { blockKey } from '../../src/store/block-key.ts'
import { layOutCar } from '../../src/store/bundle-files.ts'
import type { FileSystem } from '../../src/store/file-system.ts'
import { RepositoryPaths, rootText } from '../../src/store/paths.ts'
import { StagingArea } from '../../src/store/staging-area.ts'
import type { StoreParts } from '../../src/store/store-parts.ts'
import { directoryOf, node, raw, recordOf } from './dags.ts'
import type { Block, Dag } from './dags.ts'
import { WatchedFileSystem } from './fault-file-systems.ts'
import { makeParts } from './fixtures.ts'

/** What can happen to a file. */
export const injuries = ['truncated', 'emptied', 'flipped', 'deleted', 'replaced by a directory', 'unreadable'] as const

export type Injury = typeof injuries[number]

/** Refuses to read files that are said to be unreadable, wherever they are moved. */
export class UnreadableFileSystem extends WatchedFileSystem {
  readonly unreadable: Set<string>

  constructor (below: FileSystem, code: () => string = () => 'EIO') {
    const unreadable = new Set<string>()
    super(below, async (call, make) => {
      if (call.name === 'readFile' && unreadable.has(call.path)) {
        throw new StorageError(`The file system refuses to read ${call.path}`, { path: call.path, operation: 'read', code: code() })
      }
      const result = await make()
      if (call.name === 'rename' && call.to !== undefined) {
        if (unreadable.delete(call.path)) unreadable.add(call.to)
        else unreadable.delete(call.to)
      }
      if (call.name === 'remove') unreadable.delete(call.path)
      return result
    })
    this.unreadable = unreadable
  }
}

/** A DAG of four levels. In depth-first order, as in a CAR. */
export function deepDag (seed: string, size: number): Dag {
  const leaves = Array.from({ length: 6 }, (_, index) => raw(`${seed}/${index}`, size))
  const [a, b, c, d, e, f] = leaves as [Block, Block, Block, Block, Block, Block]
  const deepest = node([b, c])
  const upper = node([deepest, d])
  const side = node([e])
  const top = directoryOf([a, upper, side, f])
  return { root: top.root, blocks: [top.blocks[0] as Block, a, upper, deepest, b, c, d, side, e, f] }
}

/** Hurts the file in which a block is. Gives all blocks that are damaged by it. */
export async function hurt (fileSystem: UnreadableFileSystem, home: string, dag: Dag, position: number, injury: Injury): Promise<Block[]> {
  const paths = new RepositoryPaths(home)
  const block = dag.blocks[position] as Block
  const car = paths.car(rootText(dag.root))
  const isCar = await fileSystem.stat(car) !== undefined
  const path = isCar ? car : paths.block(block.cid).file
  const offset = isCar ? layOutCar(dag.root, dag.blocks).placed.find(({ key }) => key === blockKey(block.cid))?.offset ?? 0 : 0
  const at = offset + Math.floor(block.bytes.byteLength / 2)
  const bytes = await fileSystem.readFile(path) as Uint8Array
  switch (injury) {
    case 'truncated': await replace(fileSystem, path, bytes.subarray(0, at)); break
    case 'emptied': await replace(fileSystem, path, new Uint8Array(0)); break
    case 'flipped': await replace(fileSystem, path, bytes.map((byte, index) => index === at ? byte ^ 1 : byte)); break
    case 'deleted': await fileSystem.remove(path); break
    case 'unreadable': fileSystem.unreadable.add(path); break
    case 'replaced by a directory':
      await fileSystem.remove(path)
      await fileSystem.makeDirectory(join(path, 'below'))
      await fileSystem.writeFile(join(path, 'below', 'file'), [randomBytes(3)], { sync: false })
  }
  if (!isCar || injury === 'flipped') return [block]
  return injury === 'truncated' ? dag.blocks.slice(position) : dag.blocks
}

async function replace (fileSystem: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  await fileSystem.remove(path)
  await fileSystem.writeFile(path, [bytes], { sync: false })
}

/** Parts of a store in memory that has these bundles. */
export async function partsWith (dags: readonly Dag[], change: Partial<StoreParts> = {}): Promise<StoreParts> {
  const parts = await makeParts(change)
  for (const dag of dags) await putAgain(parts, dag)
  return parts
}

/** Stores a bundle, whether it is stored already or not. */
export async function putAgain (parts: StoreParts, { root, blocks }: Dag): Promise<void> {
  await using staging = new StagingArea(parts)
  for (const { cid, bytes } of blocks) await staging.put(cid, bytes)
  await staging.commit(recordOf(root))
}
