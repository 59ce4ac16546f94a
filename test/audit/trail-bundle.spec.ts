import { expect, test } from 'vitest'
import { trailBundleInit } from '../../src/audit/trail-bundle.ts'
import { publishBundle } from '../../src/bundle/publish.ts'
import { openStored } from '../../src/bundle/open.ts'
import { decodeAuditKey } from '../../src/format/audit-key.ts'
import { cidOf } from '../../src/format/digest.ts'
import { decodeNote } from '../../src/format/signed-note.ts'
import { decodeTrailDatasets } from '../../src/format/trail-datasets.ts'
import { verifyCheckpoint } from '../../src/format/verify-checkpoint.ts'
import { readRoot } from '../../src/merkle/read-hashes.ts'
import { tileHashReader } from '../../src/merkle/tiles.ts'
import { formatTilePath } from '../../src/format/tlog-tile.ts'
import { testNode } from '../bundle/fixtures.ts'
import { knownVersion } from '../dataset/fixtures.ts'
import { all, numbered, openOn, signerOf } from './trails.ts'

test('has all that a stranger needs to check the trail, and no statement', async () => {
  const trail = await openOn()
  await trail.append(numbered(600))
  const node = testNode(1)
  const { stored } = await publishBundle(node, trailBundleInit(trail))
  expect(stored).toMatchObject({ kind: 'trail', statements: [], readers: 'anyone', embargoed: false })
  await using bundle = await openStored(node, stored.root)
  expect(bundle.manifest).toMatchObject({ kind: 'trail', origin: signerOf().origin })
  const paths = (await all(bundle.files())).filter(({ type }) => type === 'file').map(({ path }) => path)
  expect(paths.sort()).toEqual(['audit-key.json', 'checkpoint', 'manifest.json', 'tile/0/000', 'tile/0/001', 'tile/0/002.p/88', 'tile/1/000.p/2',
    'tile/entries/000', 'tile/entries/001', 'tile/entries/002.p/88'])
  const auditKey = decodeAuditKey(await bundle.bytes('audit-key.json'))
  const { checkpoint } = verifyCheckpoint(decodeNote(await bundle.bytes('checkpoint')), { auditKey, address: signerOf().identity.address })
  const root = await readRoot(600, tileHashReader(600, async tile => await bundle.bytes(formatTilePath(tile))))
  expect(checkpoint).toMatchObject({ size: 600, root })
})

test('names datasets where there are any', async () => {
  const { manifest, signed } = await knownVersion('one', '1.0.0')
  const named = [{ publisher: manifest.publisher, name: manifest.name, version: manifest.datasetVersion, statement: signed!.statement }]
  const { files } = trailBundleInit(await openOn(), new Map(), named)
  const list = files.find(({ name }) => name === 'datasets.json')
  expect(decodeTrailDatasets((list as { bytes: Uint8Array }).bytes)).toEqual(named)
})

test('links full tiles that are stored, and reads the others', async () => {
  const trail = await openOn()
  await trail.append(numbered(300))
  const cid = cidOf(`0x${'11'.repeat(32)}`)
  const { files } = trailBundleInit(trail, new Map([['tile/0/000', cid], ['tile/0/001.p/44', cid]]))
  const linked = files.flatMap(file => 'cid' in file ? [file.name] : [])
  expect(linked).toEqual(['tile/0/000'])
})

test('is that of the trail as it was when it was asked for, also when the trail has grown meanwhile', async () => {
  const trail = await openOn()
  await trail.append(numbered(200))
  const init = trailBundleInit(trail)
  await trail.append(numbered(400, 200))
  const node = testNode(1)
  const { stored } = await publishBundle(node, init)
  await using bundle = await openStored(node, stored.root)
  expect((await bundle.bytes('tile/0/000.p/200')).length).toBe(200 * 32)
  expect((await bundle.bytes('tile/entries/000.p/200')).length).toBe(200 * 34)
})

test('has a checkpoint alone when there are no entries', async () => {
  expect(trailBundleInit(await openOn()).files.map(({ name }) => name)).toEqual(['checkpoint', 'audit-key.json'])
})
