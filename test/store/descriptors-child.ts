/**
 * Takes every descriptor that this process may have, and prints as JSON how the file system does then: with one given back in
 * the middle, and with none. Its argument is a directory with a file called `file`.
 */
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { StorageError } from '../../src/errors.ts'
import { NodeFileSystem } from '../../src/store/node-file-system.ts'

const [home = ''] = process.argv.slice(2)
const fileSystem = new NodeFileSystem()
const taken: number[] = []

function takeAll (): void {
  try {
    for (;;) taken.push(openSync('/dev/null', 'r'))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EMFILE')) throw error
  }
}

async function outcome (call: Promise<unknown>): Promise<unknown> {
  try {
    const value = await call
    return value instanceof Uint8Array ? Buffer.from(value).toString() : value ?? 'nothing'
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    return { code: error.details['code'], message: error.message }
  }
}

takeAll()
setTimeout(() => { closeSync(taken.pop() ?? -1) }, 30)
const later = [await outcome(fileSystem.readFile(join(home, 'file'))), await outcome(fileSystem.writeFile(join(home, 'new'), [Buffer.from('new')], { sync: true }))]
takeAll()
const never = await Promise.all([
  outcome(fileSystem.readFile(join(home, 'file'))),
  outcome(fileSystem.readFile(join(home, 'missing'))),
  outcome(fileSystem.list(home)),
  outcome(fileSystem.writeFile(join(home, 'newer'), [], { sync: true })),
  outcome(fileSystem.syncDirectory(home))
])
const without = await outcome(fileSystem.stat(join(home, 'new')))
process.stdout.write(`${JSON.stringify({ later, never, without, taken: taken.length })}\n`)
