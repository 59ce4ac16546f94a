import { join } from 'node:path'
import { symlink } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { StorageError } from '../../src/errors.ts'
import type { FileSystem } from '../../src/store/file-system.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { NodeFileSystem } from '../../src/store/node-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { clearQuarantine, quarantineFile } from '../../src/store/quarantine.ts'
import type { QuarantineComponents } from '../../src/store/quarantine.ts'
import { WatchedFileSystem } from './fault-file-systems.ts'
import { temporaryDirectory } from './fixtures.ts'

const bytes = new Uint8Array([1, 2, 3])

const places: [string, () => Promise<{ fileSystem: FileSystem, home: string }>][] = [
  ['in memory', async () => ({ fileSystem: new MemoryFileSystem(), home: '/' })],
  ['on a disk', async () => ({ fileSystem: new NodeFileSystem(), home: await temporaryDirectory() })]
]

describe.each(places)('%s', (_, make) => {
  test('keeps the bytes under the same name, and frees the place', async () => {
    const { components, path, kept } = await prepare(await make())
    const { fileSystem } = components
    await fileSystem.writeFile(path, [bytes], { sync: false })
    await quarantineFile(components, path)
    expect(await fileSystem.stat(path)).toBeUndefined()
    expect(await fileSystem.readFile(kept)).toEqual(bytes)
    await clearQuarantine(components, path)
    expect(await fileSystem.stat(kept)).toBeUndefined()
  })

  test('moves a directory with what is in it, and replaces what was kept before', async () => {
    const { components, path, kept } = await prepare(await make())
    const { fileSystem } = components
    for (const isDirectory of [true, true, false, false, true]) {
      if (isDirectory) await fileSystem.makeDirectory(join(path, 'below', 'further'))
      await fileSystem.writeFile(isDirectory ? join(path, 'below', 'file') : path, [bytes], { sync: false })
      await quarantineFile(components, path)
      expect(await fileSystem.stat(path)).toBeUndefined()
      expect((await fileSystem.stat(kept))?.type).toBe(isDirectory ? 'directory' : 'file')
    }
    await clearQuarantine(components, path)
    expect(await fileSystem.list(components.paths.quarantine)).toEqual([])
  })

  test('leaves it at that when nothing is in the place', async () => {
    const { components, path, lines } = await prepare(await make())
    await quarantineFile(components, path)
    await clearQuarantine(components, path)
    expect(await components.fileSystem.list(components.paths.quarantine)).toEqual([])
    expect(lines).toEqual([])
  })
})

test('removes a link, and nothing that it leads to', async () => {
  const home = await temporaryDirectory()
  const { components, path, kept } = await prepare({ fileSystem: new NodeFileSystem(), home })
  const target = join(home, 'target')
  await components.fileSystem.makeDirectory(target)
  await components.fileSystem.writeFile(join(target, 'file'), [bytes], { sync: false })
  await symlink(target, path)
  await quarantineFile(components, path)
  expect(await components.fileSystem.stat(path)).toBeUndefined()
  await clearQuarantine(components, path)
  expect(await components.fileSystem.stat(kept)).toBeUndefined()
  expect(await components.fileSystem.readFile(join(target, 'file'))).toEqual(bytes)
})

test('goes on when the file system refuses, and says so', async () => {
  let refused = ''
  const fileSystem = new WatchedFileSystem(new MemoryFileSystem(), async (call, make) => {
    if (call.name === refused) throw new StorageError('no', { code: 'EACCES' })
    return await make()
  })
  const { components, path, lines, kept } = await prepare({ fileSystem, home: '/' })
  await fileSystem.writeFile(path, [bytes], { sync: false })
  refused = 'rename'
  await quarantineFile(components, path)
  expect(await fileSystem.readFile(path)).toEqual(bytes)
  refused = ''
  await quarantineFile(components, path)
  refused = 'remove'
  await clearQuarantine(components, path)
  expect(await fileSystem.readFile(kept)).toEqual(bytes)
  expect(lines).toEqual([
    `the damaged ${path} stays where it is: StorageError: no`,
    `the copy of the damaged ${path} stays in /quarantine: StorageError: no`
  ])
})

async function prepare ({ fileSystem, home }: { fileSystem: FileSystem, home: string }):
  Promise<{ components: QuarantineComponents, path: string, kept: string, lines: string[] }> {
  const paths = new RepositoryPaths(home)
  const lines: string[] = []
  await fileSystem.makeDirectory(paths.blocks)
  return {
    components: { fileSystem, paths, log: line => lines.push(line) },
    path: join(paths.blocks, 'block.data'),
    kept: join(paths.quarantine, 'block.data'),
    lines
  }
}
