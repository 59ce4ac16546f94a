import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startProgram } from '../store/children.ts'
import { fastDirectory } from './directories.ts'
import type { DescriptorsLine } from './programs/few-descriptors.ts'

test('waits for a descriptor or says that there is none, and never that a block is not there', async () => {
  const program = join(import.meta.dirname, 'programs', 'few-descriptors.ts')
  const wrapper = ['sh', '-c', 'ulimit -n 80; exec "$0" "$@"']
  const child = await startProgram([program, await fastDirectory()], { wrapper })
  await child.printed(13)
  const lines = child.lines.map(line => JSON.parse(line) as DescriptorsLine)
  expect(lines.filter(({ wrong }) => wrong !== undefined)).toEqual([])
  expect(lines[0]?.errors).toContain('StorageError')
  expect(lines.at(-1)?.errors).toEqual([])
})
