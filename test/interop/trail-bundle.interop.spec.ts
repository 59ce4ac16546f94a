import { beforeAll, expect, test } from 'vitest'
import { trailBundleInit } from '../../src/audit/trail-bundle.ts'
import { openStored } from '../../src/bundle/open.ts'
import { publishBundle } from '../../src/bundle/publish.ts'
import { decodeAuditKey } from '../../src/format/audit-key.ts'
import { toBase64 } from '../../src/format/base64.ts'
import { fromHex } from '../../src/format/hex.ts'
import { formatNoteKey } from '../../src/format/note-key.ts'
import { decodeNote } from '../../src/format/signed-note.ts'
import { numbered, openOn } from '../audit/trails.ts'
import { testNode } from '../bundle/fixtures.ts'
import { askTlog, buildTlog } from './tlog-binary.ts'
import type { GoAnswer } from './tlog-binary.ts'

/** The files of a published trail of these entries, by path. */
async function published (entries: readonly Uint8Array[]): Promise<Map<string, Uint8Array>> {
  const trail = await openOn()
  await trail.append(entries)
  const node = testNode(1)
  const { stored } = await publishBundle(node, trailBundleInit(trail))
  await using bundle = await openStored(node, stored.root)
  const files = new Map<string, Uint8Array>()
  for await (const { path, type } of bundle.files()) if (type === 'file') files.set(path, await bundle.bytes(path))
  return files
}

const entries = numbered(600)
let binary: string

beforeAll(async () => { binary = await buildTlog() }, 900_000)

async function ask (files: ReadonlyMap<string, Uint8Array>): Promise<GoAnswer> {
  const note = new TextDecoder().decode(files.get('checkpoint'))
  const { origin, ed25519PublicKey } = decodeAuditKey(files.get('audit-key.json')!)
  const Text = decodeNote(files.get('checkpoint')!).text
  const tiles = [...files].filter(([path]) => path.startsWith('tile/')).map(([path, bytes]) => [path, toBase64(bytes)])
  return await askTlog(binary, {
    Entries: entries.map(toBase64), Sizes: [], Inclusion: [], Consistency: [],
    Seed: toBase64(new Uint8Array(32)), Name: origin, Text,
    Notes: [{ Key: formatNoteKey({ name: origin, publicKey: fromHex(ed25519PublicKey) }), Note: note, Text }],
    Tiles: Object.fromEntries(tiles) as Record<string, string>
  })
}

test('the bundle of a trail has the tiles and the checkpoint that golang.org/x/mod/sumdb verifies', async () => {
  const files = await published(entries)
  const go = await ask(files)
  expect(go.Refused).toEqual([])
  expect(go.Checked).toBeGreaterThanOrEqual(entries.length)
  expect(Object.keys(go.Tiles).sort()).toEqual([...files.keys()].filter(path => path.startsWith('tile/')).sort())
  files.set('tile/0/001', files.get('tile/0/001')!.map(byte => byte ^ 1))
  expect((await ask(files)).Refused).not.toEqual([])
})
