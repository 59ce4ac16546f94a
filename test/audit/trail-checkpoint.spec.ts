import { expect, test } from 'vitest'
import { DamagedTrailError } from '../../src/errors.ts'
import { encodeAuditKey, verifyAuditKey } from '../../src/format/audit-key.ts'
import { encodeNote } from '../../src/format/signed-note.ts'
import { openCheckpoint, placeCheckpoint, signCheckpoint } from '../../src/audit/trail-checkpoint.ts'
import { memoryFiles } from './memory-files.ts'
import { headOf, signerOf } from './trails.ts'

const signer = signerOf()
const head = { size: 5, root: new Uint8Array(32).fill(7) }

test('begins a log without entries, signed by the node', async () => {
  const files = memoryFiles()
  const opened = await openCheckpoint(files, signer)
  expect(headOf(opened, opened.note)).toEqual(opened.head)
  expect(opened.head.size).toBe(0)
  expect(verifyAuditKey(opened.auditKey).signer).toBe(signer.identity.address)
  expect((await files.list('')).sort()).toEqual(['checkpoint', 'key'])
  expect(await openCheckpoint(files, signer)).toEqual(opened)
})

test('reads the checkpoint that was placed last', async () => {
  const files = memoryFiles()
  await openCheckpoint(files, signer)
  const note = await signCheckpoint(signer, head)
  await placeCheckpoint(files, note)
  expect(await openCheckpoint(files, signer)).toMatchObject({ head, note })
})

test('makes an audit key again that is missing or unreadable, and says the same with it', async () => {
  const files = memoryFiles()
  const { auditKey } = await openCheckpoint(files, signer)
  await placeCheckpoint(files, await signCheckpoint(signer, head))
  for (const bytes of [undefined, new Uint8Array(3), new Uint8Array(5000)]) {
    if (bytes === undefined) await files.remove('key')
    else await files.place([{ path: 'key', bytes }])
    expect(await openCheckpoint(files, signer)).toMatchObject({ auditKey, head })
  }
})

test.each([
  ['none', async () => new Uint8Array([1])],
  ['empty', async () => new Uint8Array(0)],
  ['of another node', async () => encodeNote(await signCheckpoint(signerOf(2), head))],
  ['of another log', async () => encodeNote(await signCheckpoint({ ...signer, origin: signer.origin.replace(/0$/, '1') }, head))],
  ['changed', async () => Buffer.from(encodeNote(await signCheckpoint(signer, head)).map((byte, at) => at === 90 ? byte ^ 1 : byte))]
])('refuses a checkpoint that is %s', async (_, make) => {
  const files = memoryFiles()
  await openCheckpoint(files, signer)
  await files.place([{ path: 'checkpoint', bytes: await make() }])
  await expect(openCheckpoint(files, signer)).rejects.toThrow(DamagedTrailError)
})

test('refuses the audit key of another node', async () => {
  const files = memoryFiles()
  const other = await openCheckpoint(memoryFiles(), signerOf(2))
  await openCheckpoint(files, signer)
  await files.place([{ path: 'key', bytes: encodeAuditKey(other.auditKey) }])
  await expect(openCheckpoint(files, signer)).rejects.toThrow(DamagedTrailError)
})

test('begins no second log where there are tiles of one', async () => {
  const files = memoryFiles()
  await openCheckpoint(files, signer)
  await files.place([{ path: 'tile/0/000.p/1', bytes: new Uint8Array(32) }])
  await files.remove('checkpoint')
  await expect(openCheckpoint(files, signer)).rejects.toThrow('its checkpoint is missing')
})
