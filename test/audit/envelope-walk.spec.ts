import { describe, expect, it } from 'vitest'
import { EnvelopeWalk } from '../../src/audit/envelope-walk.ts'
import { DirectoryImport } from '../../src/bundle/import.ts'
import { readBytesSource } from '../../src/bundle/source-stream.ts'
import { evidenceFiles } from './evidence-vectors.ts'
import { unpack } from './forge.ts'
import { FakeStore } from '../bundle/fake-store.ts'
import type { EnvelopeBlock } from '../../src/audit/envelope-walk.ts'
import type { CID } from 'multiformats/cid'
import type { Staging } from '../../src/interface/store.ts'

const [, , all] = evidenceFiles

async function packed (files: Record<string, string>): Promise<{ blocks: Staging, root: CID }> {
  const blocks = new FakeStore().stage()
  const directory = new DirectoryImport(blocks)
  await directory.add(Object.entries(files).map(([path, text]) =>
    ({ type: 'file' as const, path, open: options => readBytesSource(new TextEncoder().encode(text), options) })))
  return { blocks, root: await directory.root() }
}

async function walked ({ blocks, root }: { blocks: Staging, root: CID }, payload: 'none' | 'outputs' | 'all'): Promise<string[]> {
  const walk = new EnvelopeWalk(root, async cid => blocks.get(cid))
  const met: EnvelopeBlock[] = [...await Array.fromAsync(walk.checked()), ...await Array.fromAsync(walk.payload(payload))]
  return met.map(({ path }) => path)
}

describe('EnvelopeWalk', () => {
  it('goes through each block once, what is needed for checking first', async () => {
    const paths = await walked(await unpack(all.file), 'all')
    expect(paths.slice(0, 4)).toEqual(['', 'anchors.json', 'audit-keys', `audit-keys/${all.signer}.json`])
    expect(paths.indexOf('evidence/task/prompt.json')).toBeGreaterThan(paths.indexOf('statement.json'))
    expect(paths.length).toBe(all.blocks)
  })

  it('gives a block that is left out in one place where it is needed in another one', async () => {
    const both = await packed({ 'evidence/task/prompt.json': 'same', 'statement.json': 'same' })
    expect(await walked(both, 'none')).toEqual(['', 'evidence', 'evidence/task', 'statement.json'])
    expect(await walked(both, 'all')).toEqual(['', 'evidence', 'evidence/task', 'statement.json'])
  })

  it('leaves out logs and artifacts with the answers', async () => {
    const result = 'evidence/results/0x00'
    const files = { [`${result}/logs/a`]: '1', [`${result}/outputs/b/c`]: '2', [`${result}/output.json`]: '3', 'evidence/artifacts/d': '4' }
    const paths = await walked(await packed(files), 'outputs')
    expect(paths.filter(path => path.length > result.length)).toEqual([`${result}/output.json`, `${result}/outputs`, `${result}/outputs/b`, `${result}/outputs/b/c`])
    expect(paths).not.toContain('evidence/artifacts')
  })

  it('goes through a directory again by another rule', async () => {
    const { blocks, root } = await packed({ 'evidence/task/manifest.json': 'm', 'evidence/task/prompt.json': 'p' })
    const directory = new DirectoryImport(blocks)
    const evidence = await packed({})
    const [{ cid }] = [{ cid: root }]
    await directory.add([{ type: 'link', path: 'evidence/results/0x00/outputs/again', cid }, { type: 'link', path: 'evidence/task', cid }])
    expect(evidence.root).toBeDefined()
    const paths = await walked({ blocks, root: await directory.root() }, 'outputs')
    expect(paths).toContain('evidence/results/0x00/outputs/again/evidence/task/prompt.json')
  })

  it('refuses what is no UnixFS, and gives nothing that it did not keep', async () => {
    const { root } = await packed({ a: 'a' })
    const walk = new EnvelopeWalk(root, async () => new Uint8Array([1, 2, 3]))
    await expect(Array.fromAsync(walk.checked())).rejects.toMatchObject({ name: 'InvalidDagError' })
    await expect(new EnvelopeWalk(root, async () => new Uint8Array()).get(root)).rejects.toMatchObject({ name: 'InvalidDagError' })
  })
})
